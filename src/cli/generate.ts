import type { Command } from 'commander'
import { generator } from '../infer/index.ts'
import { readTokenizerJson } from '../tokenizers/index.ts'
import { type EngineFlags, numberIn, openEngine, wholeNumber, withEngine } from './engine.ts'
import { openModel } from './open-model.ts'
import { readStandardInput } from './standard-input.ts'

interface GenerateFlags extends EngineFlags {
  readonly tokens: number
  readonly temperature: number
  readonly topK: number
  readonly topP: number
  readonly seed: number
  readonly best?: boolean
  readonly json?: boolean
}

export function command(program: Command): Command {
  return withEngine(
    program
      .command('generate')
      .description('Continues a text with a trained model.')
      .argument('<model>', 'folder of a run or of a model; runs/x/best for the best checkpoint of a run')
      .argument('[prompt]', 'text to go on from; standard input when it is not given')
      .option('-n, --tokens <n>', 'tokens to write at most', wholeNumber(1), 200)
      .option('--temperature <t>', '0 takes the likeliest token each time', numberIn(0), 0.8)
      .option('--top-k <k>', 'draw from the k likeliest tokens only; 0: from all', wholeNumber(0), 0)
      .option('--top-p <p>', 'draw from the likeliest tokens that reach this probability', numberIn(0, 1), 1)
      .option('--seed <n>', 'the same seed gives the same text', wholeNumber(0), 1)
      .option('--best', 'take the checkpoint with the least validation loss, not the newest')
      .option('--json', 'print one JSON document'),
  ).action(run)
}

async function run(path: string, promptArgument: string | undefined, flags: GenerateFlags): Promise<void> {
  const prompt = promptArgument ?? (await readStandardInput())
  const backend = await openEngine(flags)
  const { model, state, tokenizerText } = await openModel(path, backend, flags)
  const tokenizer = readTokenizerJson(tokenizerText)
  const ids = tokenizer.encode(prompt)
  const end = tokenizer.specials.get('<|endoftext|>')
  const started = performance.now()
  const decoder = tokenizer.stream()
  let text = ''
  let count = 0
  const show = (piece: string) => {
    text += piece
    if (!flags.json) process.stdout.write(piece)
  }
  if (!flags.json) process.stdout.write(prompt)
  const options = {
    ...flags,
    maxTokens: flags.tokens,
    stop: end === undefined ? [] : [end],
    vocabSize: tokenizer.vocabSize,
  }
  // An empty prompt begins where documents begin.
  const context = ids.length > 0 ? ids : [end ?? 0]
  for await (const id of generator(model, state).generate(context, options)) {
    count++
    show(decoder.push(id))
  }
  show(decoder.end())
  if (flags.json) {
    const milliseconds = performance.now() - started
    console.log(
      JSON.stringify({ prompt, text, tokens: count, milliseconds, tokensPerSecond: (count / milliseconds) * 1000 }),
    )
  } else {
    process.stdout.write('\n')
  }
  await backend.close()
}
