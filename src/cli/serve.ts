import { type Command, Option } from 'commander'
import { hostHandler } from '../node/index.ts'
import { server } from '../serve/index.ts'
import { openEngine, wholeNumber } from './engine.ts'
import { openServed, type ServedFlags, withServed } from './served.ts'
import { stopSignals } from './stop-signals.ts'

interface ServeFlags extends ServedFlags {
  readonly host: string
  readonly port: number
  readonly apiKey?: string
}

export function command(program: Command): Command {
  return withServed(
    program
      .command('serve')
      .description('Answers requests of the OpenAI API with a model, on this machine alone unless told otherwise.'),
  )
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--port <n>', 'port to listen at; 0 takes a free one', wholeNumber(0), 8080)
    .addOption(new Option('--api-key <key>', 'key that requests must bring').env('ALIPPE_API_KEY'))
    .option('--name <id>', 'name of the model in requests (default: that of its file or folder)')
    .option('--max-texts <n>', 'texts that are written side by side; others wait', wholeNumber(1), 32)
    .addHelpText('after', '\nalippe serve runs/first\ncurl http://127.0.0.1:8080/v1/models')
    .action(run)
}

async function run(path: string, flags: ServeFlags): Promise<void> {
  const backend = await openEngine(flags)
  const model = await openServed(path, backend, flags)
  const answer = server({
    models: [model],
    keys: flags.apiKey === undefined ? [] : [flags.apiKey],
    onError: (error) => console.error(error),
  })
  const host = await hostHandler(answer, { hostname: flags.host, port: flags.port })
  console.log(`${model.id} is served at ${host.url}/v1 (Ctrl-C ends it)`)
  if (!['127.0.0.1', 'localhost', '::1'].includes(flags.host) && flags.apiKey === undefined)
    console.error('Anybody who reaches this machine can use it: --api-key asks for a key.')
  await new Promise<void>((resolve) => {
    stopSignals(resolve)
  })
  console.error('Answering what has been asked …')
  await host.close()
  await model.engine.close()
  await backend.close()
}
