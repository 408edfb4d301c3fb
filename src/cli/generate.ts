import { type Command, Option } from 'commander'
import { ConfigError } from '../base/index.ts'
import { stopText, writtenText } from '../chat/index.ts'
import { type InferenceEngine, inferenceEngine, type Request, type RequestFigures, type Token } from '../infer/index.ts'
import { readTokenizerJson, type Tokenizer } from '../tokenizers/index.ts'
import { type EngineFlags, openEngine, wholeNumber, withEngine } from './engine.ts'
import { openModel } from './open-model.ts'
import { type SamplingFlags, samplingOptions, withSampling } from './sampling-flags.ts'
import { readStandardInput } from './standard-input.ts'

interface GenerateFlags extends EngineFlags, SamplingFlags {
  readonly tokens: number
  readonly stop: readonly string[]
  readonly n: number
  readonly beams?: number
  readonly logprobs?: number
  readonly cache: 'f32' | 'bf16' | 'int8' | 'int4'
  readonly seed: number
  readonly best?: boolean
  readonly json?: boolean
}

export function command(program: Command): Command {
  const generate = program
    .command('generate')
    .description('Continues a text with a trained model.')
    .argument('<model>', 'folder of a run or of a model; runs/x/best for the best checkpoint of a run')
    .argument('[prompt]', 'text to go on from; standard input when it is not given')
    .option('-n, --tokens <n>', 'tokens to write at most', wholeNumber(1), 200)
  return withEngine(
    withSampling(generate)
      .option('--stop <text>', 'end where the text has this; may be given several times', listed, [])
      .option(
        '--n <count>',
        'texts to write, each drawn anew; with --beams: how many of the best to tell',
        wholeNumber(1),
        1,
      )
      .option('--beams <k>', 'look for the likeliest text with k beams; draws nothing', wholeNumber(1))
      .option('--logprobs <k>', 'tell the log-probability of each token, and of the k likeliest there', wholeNumber(0))
      .addOption(
        new Option('--cache <dtype>', 'what keys and values are kept as')
          .choices(['f32', 'bf16', 'int8', 'int4'])
          .default('f32'),
      )
      .option('--seed <n>', 'the same seed gives the same text', wholeNumber(0), 1)
      .option('--best', 'take the checkpoint with the least validation loss, not the newest')
      .option('--json', 'print one JSON document'),
  ).action(run)
}

function listed(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

/** A text that was written. */
interface Choice {
  readonly text: string
  readonly tokens: number
  readonly finishReason: string
  readonly logprobs?: readonly Told[]
  /** Of a beam. */
  readonly logprob?: number
  readonly score?: number
}

/** A token and its log-probability, as text. */
interface Told {
  readonly id: number
  readonly token: string
  readonly logprob?: number
  readonly top?: readonly Told[]
}

interface Writing {
  readonly tokenizer: Tokenizer
  readonly flags: GenerateFlags
  /** The id that ends a text. */
  readonly end: number | undefined
  show(piece: string): void
}

async function run(path: string, promptArgument: string | undefined, flags: GenerateFlags): Promise<void> {
  if (flags.beams !== undefined && flags.beams < flags.n)
    throw new ConfigError(`--n must be at most the ${flags.beams} of --beams, got ${flags.n}`)
  const prompt = promptArgument ?? (await readStandardInput())
  const backend = await openEngine(flags)
  const { model, stored, state, tokenizerText } = await openModel(path, backend, { ...flags, keep: () => true })
  const tokenizer = readTokenizerJson(tokenizerText)
  const end = tokenizer.specials.get('<|endoftext|>')
  const ids = tokenizer.encode(prompt)
  const engine = inferenceEngine(model, state, {
    stored,
    cacheDType: flags.cache,
    maxTexts: Math.max(flags.n, flags.beams ?? 1),
  })
  const show = (piece: string) => {
    if (!flags.json) process.stdout.write(piece)
  }
  const writing: Writing = { tokenizer, flags, end, show }
  // An empty prompt begins where documents begin.
  const context = ids.length > 0 ? ids : Uint32Array.of(end ?? 0)

  const started = performance.now()
  const { choices, figures } =
    flags.beams === undefined
      ? await draw(engine, context, prompt, writing)
      : await search(engine, context, prompt, writing)
  const milliseconds = performance.now() - started
  await engine.close()
  const tokens = choices.reduce((sum, choice) => sum + choice.tokens, 0)
  if (flags.json) {
    const { text } = choices[0]
    const speeds = { tokens, milliseconds, tokensPerSecond: (tokens / milliseconds) * 1000, ...speedsOf(figures) }
    console.log(JSON.stringify({ prompt, text, ...speeds, choices }))
  } else if (choices.some(({ finishReason, tokens }) => finishReason === 'length' && tokens < flags.tokens)) {
    console.error(`The text ended where it filled the ${model.context} tokens that the model reads.`)
  }
  await backend.close()
}

/** How fast the prompt was read. Tokens that follow the first take the rest of the time. */
function speedsOf(figures: RequestFigures | undefined) {
  if (figures === undefined) return {}
  const { promptTokens, cachedTokens, firstTokenMs } = figures
  return { promptTokensPerSecond: ((promptTokens - cachedTokens) / firstTokenMs) * 1000, firstTokenMs }
}

/** Draws the texts side by side; shows the first as it comes, and the others when they have ended. */
async function draw(engine: InferenceEngine, ids: Uint32Array, prompt: string, writing: Writing) {
  const { flags, tokenizer, end, show } = writing
  const requests = engine.samples(ids, flags.n, {
    ...samplingOptions(flags),
    maxTokens: flags.tokens,
    seed: flags.seed,
    stop: end === undefined ? [] : [end],
    vocabSize: tokenizer.vocabSize,
    logprobs: flags.logprobs,
  })
  const written = requests.map((request, i) => write(request, i === 0 ? writing : { ...writing, show: () => {} }))
  show(prompt)
  const choices: Choice[] = []
  for (const [i, each] of written.entries()) {
    const choice = await each
    if (i > 0) show(`${separator(i)}${prompt}${choice.text}`)
    show('\n')
    for (const told of choice.logprobs ?? []) show(`${line(told)}\n`)
    choices.push(choice)
  }
  return { choices, figures: (await requests[0].result).figures }
}

/** Reads one request to its end, or to a stop string. */
async function write(request: Request, { tokenizer, flags, show }: Writing): Promise<Choice> {
  const written = writtenText(request, tokenizer, flags.stop)
  const tokens: Token[] = []
  let text = ''
  let next = await written.next()
  for (; !next.done; next = await written.next()) {
    tokens.push(...next.value.tokens)
    text += next.value.text
    show(next.value.text)
  }
  const told = ({ id, logprob, top }: Token): Told => ({
    id,
    token: tokenizer.decode([id]),
    logprob,
    top: top?.map(told),
  })
  return {
    text,
    tokens: tokens.length,
    finishReason: next.value,
    logprobs: flags.logprobs === undefined ? undefined : tokens.map(told),
  }
}

/** The likeliest texts by beam search. */
async function search(
  engine: InferenceEngine,
  ids: Uint32Array,
  prompt: string,
  { tokenizer, flags, end, show }: Writing,
) {
  const found = await engine.beams(ids, {
    beams: flags.beams,
    best: flags.n,
    maxTokens: flags.tokens,
    stop: end === undefined ? [] : [end],
    vocabSize: tokenizer.vocabSize,
  })
  const choices = found.map(({ ids, logprob, score, finishReason }, i): Choice => {
    const watched = stopText(flags.stop)
    const text = watched.push(tokenizer.decode(ids)) + watched.end()
    show(`${separator(i)}${prompt}${text}\n`)
    return {
      text,
      tokens: ids.length,
      finishReason: watched.stopped === undefined ? finishReason : 'stop',
      logprob,
      score,
    }
  })
  return { choices, figures: undefined }
}

const separator = (i: number) => (i === 0 ? '' : `\n--- ${i + 1} ---\n`)

function line({ token, logprob, top = [] }: Told): string {
  const others = top.map((each) => `${JSON.stringify(each.token)} ${each.logprob!.toFixed(3)}`).join('  ')
  return `${logprob!.toFixed(3).padStart(8)}  ${JSON.stringify(token)}${others && `  of ${others}`}`
}
