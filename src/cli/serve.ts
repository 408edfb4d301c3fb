import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import type { Backend } from '../backend/index.ts'
import { chatTemplate } from '../chat/index.ts'
import { inferenceEngine } from '../infer/index.ts'
import { fileError, hostHandler } from '../node/index.ts'
import { type ServedModel, server } from '../serve/index.ts'
import { readTokenizerJson } from '../tokenizers/index.ts'
import { type EngineFlags, openEngine, wholeNumber, withEngine } from './engine.ts'
import { openModel } from './open-model.ts'
import { stopSignals } from './stop-signals.ts'

interface ServeFlags extends EngineFlags {
  readonly host: string
  readonly port: number
  readonly apiKey?: string
  readonly name?: string
  readonly chatTemplate?: string
  readonly cache: 'f32' | 'bf16' | 'int8' | 'int4'
  readonly cacheTokens?: number
  readonly maxTexts: number
  readonly best?: boolean
}

export function command(program: Command): Command {
  return withEngine(
    program
      .command('serve')
      .description('Answers requests of the OpenAI API with a model, on this machine alone unless told otherwise.')
      .argument('<model>', 'folder of a run or of a model, a file of GGUF, or hub:OWNER/NAME[@REVISION][:FILE]')
      .option('--host <address>', 'address to listen at', '127.0.0.1')
      .option('--port <n>', 'port to listen at; 0 takes a free one', wholeNumber(0), 8080)
      .addOption(new Option('--api-key <key>', 'key that requests must bring').env('ALIPPE_API_KEY'))
      .option('--name <id>', 'name of the model in requests (default: that of its file or folder)')
      .option('--chat-template <file>', 'Jinja template of conversations, where the model has none')
      .addOption(
        new Option('--cache <dtype>', 'what keys and values are kept as')
          .choices(['f32', 'bf16', 'int8', 'int4'])
          .default('bf16'),
      )
      .option('--cache-tokens <n>', 'tokens that all texts may have together (default: four contexts)', wholeNumber(1))
      .option('--max-texts <n>', 'texts that are written side by side; others wait', wholeNumber(1), 32)
      .option('--best', 'take the checkpoint with the least validation loss, not the newest')
      .addHelpText('after', '\nalippe serve runs/first\ncurl http://127.0.0.1:8080/v1/models'),
  ).action(run)
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

async function openServed(path: string, backend: Backend, flags: ServeFlags): Promise<ServedModel> {
  const {
    model,
    state,
    stored,
    tokenizerText,
    chatTemplate: own,
    specials,
  } = await openModel(path, backend, {
    ...flags,
    keep: () => true,
  })
  const tokenizer = readTokenizerJson(tokenizerText)
  const engine = inferenceEngine(model, state, {
    stored,
    cacheDType: flags.cache,
    cacheTokens: flags.cacheTokens,
    maxTexts: flags.maxTexts,
  })
  const template = flags.chatTemplate === undefined ? own : await readTemplate(flags.chatTemplate)
  const idNamed = (name: string | undefined) => (name === undefined ? undefined : tokenizer.idOf(name))
  const begin = idNamed(specials?.begin)
  const end = idNamed(specials?.end) ?? tokenizer.specials.get('<|endoftext|>')
  return {
    id: flags.name ?? basename(path).replace(/\.gguf$/, ''),
    engine,
    tokenizer,
    template:
      template === undefined
        ? undefined
        : chatTemplate(template, {
            specials: tokenizer.specials.keys(),
            variables: { bos_token: specials?.begin ?? '', eos_token: specials?.end ?? '' },
          }),
    chatTemplateText: template,
    context: Math.min(model.context, flags.cacheTokens ?? model.context),
    beginId: begin,
    stopIds: end === undefined ? [] : [end],
    created: Math.floor(Date.now() / 1000),
  }
}

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw fileError('read', path, error)
  }
}
