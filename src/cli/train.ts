import { join } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../base/index.ts'
import { world } from '../data/index.ts'
import { buildModel } from '../models/index.ts'
import {
  type Corpus,
  filesCorpus,
  folderTokens,
  hash,
  type PreparedTokens,
  prepareTokens,
  stageLine,
  worldCorpus,
} from './corpus.ts'
import { type EngineFlags, numberIn, openEngine, wholeNumber, withEngine } from './engine.ts'
import { goOnCommand } from './go-on-command.ts'
import { type ModelFlags, withModel } from './model-flags.ts'
import { openSession } from './open-session.ts'
import { openPreparedFolder, type PreparedFolder } from './prepared-folder.ts'
import type { SessionSettings } from './session.ts'
import { describeRun, watchSession } from './watch.ts'

interface TrainFlags extends ModelFlags, EngineFlags, Omit<SessionSettings, 'learningRate'> {
  readonly data?: readonly string[]
  readonly out?: string
  readonly lr: number
  readonly resume?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Documents of the default corpus when no text is given. */
const WORLD_DOCUMENTS = 200_000

export function command(program: Command): Command {
  const command = withModel(program.command('train'))
    .description('Trains a language model on any text, Markdown or code; without --data on an invented world.')
    .option('--data <paths...>', 'files and folders of text, or one folder that `alippe data prepare` made')
    .option('--out <folder>', 'where the run is kept (default: runs/<name made from the settings>)')
    .option('--batch <n>', 'sequences side by side', wholeNumber(1), 16)
    .option('--tokens <n>', 'tokens of a sequence', wholeNumber(1), 128)
    .option('--steps <n>', 'steps of the whole run', wholeNumber(1), 1000)
    .option('--lr <rate>', 'peak learning rate', numberIn(0), 3e-3)
    .option('--warmup <n>', 'steps of warm-up, or a share of the run when below 1', numberIn(0), 0.02)
    .option('--weight-decay <x>', 'decay of matrices', numberIn(0), 0.1)
    .option('--clip <norm>', 'greatest norm of the gradients; 0: any', numberIn(0), 1)
    .option('--accumulate <n>', 'batches that make up one step', wholeNumber(1), 1)
    .option('--precision <p>', 'matrix products in f32 or bf16', 'f32')
    .option('--seed <n>', 'the same seed gives the same run', wholeNumber(0), 1)
    .option('--evaluate-every <n>', 'steps between evaluations; 0: only at the end', wholeNumber(0), 200)
    .option('--evaluation-batches <n>', 'batches of one evaluation', wholeNumber(1), 8)
    .option('--save-every <n>', 'steps between checkpoints', wholeNumber(1), 200)
    .option('--keep-checkpoints <n>', 'newest checkpoints that stay; the best stays beside them', wholeNumber(1), 2)
    .option('--on-spike <what>', 'when the loss jumps: stop, rollback to a good checkpoint, or ignore', 'stop')
    .option('--spike <x>', 'robust deviations that a loss may lie above the recent ones', numberIn(0), 15)
    .option('--resume', 'go on from the newest checkpoint of the run')
    .option('--dry-run', 'print the plan: parameters, memory, work; then stop')
    .option('--json', 'print metrics as JSON lines')
  return withEngine(command).action(run)
}

async function run(given: TrainFlags, command: Command): Promise<void> {
  const { precision } = given
  if (precision !== 'f32' && precision !== 'bf16')
    throw new ConfigError(`--precision must be f32 or bf16, got ${precision}`)
  if (!['stop', 'rollback', 'ignore'].includes(given.onSpike))
    throw new ConfigError(`--on-spike must be stop, rollback or ignore, got ${given.onSpike}`)
  const folderOfShards = given.data && (await openPreparedFolder(given.data))
  const flags = folderOfShards ? { ...given, tokens: rowLength(folderOfShards, given, command) } : given
  const { tokens } = flags
  const modelOf = (vocabSize: number) => buildModel({ ...flags, vocabSize, context: flags.context ?? tokens })
  modelOf(folderOfShards?.index.vocabSize ?? flags.vocab) // what cannot be is refused before any text is read
  const { corpus, prepared } = folderOfShards
    ? { corpus: { title: folderOfShards.path }, prepared: await folderTokens(folderOfShards, tokens) }
    : await readTokens(flags)
  const model = modelOf(prepared.tokenizer.vocabSize)
  const settings: SessionSettings = { ...flags, learningRate: flags.lr }
  const folder =
    flags.out ?? join('runs', await hash(JSON.stringify([model.config, prepared.name, pickSettings(settings)])))
  const backend = await openEngine(flags)
  const session = await openSession({
    folder,
    backend,
    model,
    settings,
    tokens: prepared,
    tokenizerJson: prepared.tokenizerJson,
    resume: flags.resume === true,
  })
  const goOn = goOnCommand(process.argv, [['--out', folder], ['--resume']], process.env)
  const watched = { session, settings, prepared, corpus, backend, folder, goOn, json: flags.json }
  if (!flags.json) describeRun(watched)
  if (!flags.dryRun) await watchSession(watched)
  session.run.release()
  await backend.close()
}

/** Rows of a prepared folder say how long they are, unless the user does; its vocabulary is what it is. */
function rowLength({ index, path }: PreparedFolder, { tokens, vocab }: TrainFlags, command: Command): number {
  const isGiven = (name: string) => command.getOptionValueSource(name) !== 'default'
  if (isGiven('vocab') && vocab !== index.vocabSize) {
    throw new ConfigError(
      `--vocab is ${vocab}, but the tokenizer of ${path} has ${index.vocabSize} tokens: leave --vocab out`,
    )
  }
  return index.rowTokens !== undefined && !isGiven('tokens') ? index.rowTokens - 1 : tokens
}

async function readTokens({ data, vocab, tokens }: TrainFlags): Promise<{ corpus: Corpus; prepared: PreparedTokens }> {
  const corpus = data === undefined ? worldCorpus(world(), WORLD_DOCUMENTS) : await filesCorpus(data)
  const prepared = await prepareTokens({
    corpus,
    cache: join('runs', 'cache'),
    vocabSize: vocab,
    tokens,
    onProgress: stageLine(),
  })
  return { corpus, prepared }
}

/** The settings that make a run what it is, in a fixed order; how often it is looked at does not. */
export function pickSettings(settings: SessionSettings): unknown[] {
  const { batch, tokens, steps, seed, learningRate, warmup, weightDecay, clip, accumulate, precision } = settings
  return [batch, tokens, steps, seed, learningRate, warmup, weightDecay, clip, accumulate, precision]
}
