import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, quantity, readQuantity } from '../base/index.ts'
import { writeAtomically } from '../node/index.ts'
import { trainingFlops } from '../scaling/index.ts'
import {
  filesCorpus,
  folderTokens,
  type PreparedTokens,
  prepareTokens,
  stageLine,
  worldCorpus,
  worldOf,
} from './corpus.ts'
import { type EngineFlags, numberIn, openEngine, wholeNumber, withEngine } from './engine.ts'
import { openPreparedFolder } from './prepared-folder.ts'
import { runSettings } from './run-settings.ts'
import { findingsJson, findingsText, findScaling } from './scaling-report.ts'
import { stopExitCodes, stopSignals } from './stop-signals.ts'
import { readSweep, sweepFile, writeSweep } from './sweep-file.ts'
import { type PlannedSweepRun, planSweep } from './sweep-plan.ts'
import { type SweepRunFlags, sweepSettings, trainSweepRun } from './sweep-run.ts'
import { table } from './table.ts'
import { painter } from './terminal.ts'

interface SweepFlags extends EngineFlags, SweepRunFlags {
  readonly data?: readonly string[]
  readonly name?: string
  readonly budgets?: readonly number[]
  readonly sizes: number
  readonly vocab: number
  readonly quick?: boolean
  readonly dryRun?: boolean
}

/** Compute of the curves when none is given: some ten minutes on two cores, and one. */
const DEFAULT_BUDGETS = [3e11, 1e12, 3e12, 8e12]
const QUICK_BUDGETS = [2e11, 4e11, 8e11]
/** Documents of the invented world that runs read then. */
const QUICK_DOCUMENTS = 60_000
const RESAMPLES = 1000

export function command(program: Command): Command {
  const command = program
    .command('sweep')
    .description(
      'Trains models of several sizes with the same compute, for several computes, and fits scaling laws to what comes of it. What is finished is kept: the same command goes on.',
    )
    .option('--data <paths...>', 'files and folders of text, or one folder that `alippe data prepare` made')
    .option('--name <name>', 'the sweep lies in runs/sweeps/<name> (default: world or data)')
    .option('--budgets <flops...>', 'compute of a run, 6·N·D, for each curve; such as 1e12 4e12', budgets)
    .option('--sizes <n>', 'sizes of a curve', wholeNumber(3), 5)
    .option('--quick', 'a minute in place of ten')
    .option('--vocab <n>', 'tokens of the vocabulary', wholeNumber(257), 512)
    .option('--batch <n>', 'sequences side by side', wholeNumber(1), 8)
    .option('--tokens <n>', 'tokens of a sequence', wholeNumber(1), 128)
    .option('--lr <rate>', 'peak learning rate of all runs', numberIn(0), 5e-3)
    .option('--seed <n>', 'the same seed gives the same runs', wholeNumber(0), 1)
    .option('--evaluation-batches <n>', 'batches of validation text behind each loss', wholeNumber(1), 64)
    .option('--dry-run', 'print the runs; then stop')
    .option('--json', 'print finished runs as JSON lines, then the findings')
  return withEngine(command).action(sweep)
}

const budgets = (text: string, before: readonly number[] = []) => [...before, readQuantity(text)]

async function sweep(flags: SweepFlags): Promise<void> {
  const paint = painter(process.stdout)
  const prepared = await readTokens(flags)
  const { batch, tokens, sizes, quick } = flags
  const vocabSize = prepared.tokenizer.vocabSize
  const chosen = flags.budgets ?? (quick ? QUICK_BUDGETS : DEFAULT_BUDGETS)
  const planned = planSweep({ budgets: chosen, sizes, vocabSize, batch, tokens })
  const folder = join('runs', 'sweeps', flags.name ?? `${flags.data ? 'data' : 'world'}${quick ? '-quick' : ''}`)
  if (!flags.json) describeSweep(planned, prepared, folder)
  if (flags.dryRun) return

  await claim(folder, JSON.stringify({ tokens: prepared.name, settings: sweepSettings(flags, 0) }))
  const rows = (await readSweep(sweepFile(folder))) ?? []
  const backend = await openEngine(flags)
  const stopping = new AbortController()
  const signals = stopSignals(() => stopping.abort())
  const { signal } = stopping
  for (const [i, run] of planned.entries()) {
    if (rows.some(({ name }) => name === run.name)) continue
    if (signal.aborted) break
    if (!flags.json) console.log(paint('dim', `run ${i + 1} of ${planned.length}: ${sizesText(run)}`))
    const row = await trainSweepRun(run, { flags, prepared, backend, folder: join(folder, run.name), signal })
    if (row === undefined) break
    rows.push(row)
    await writeSweep(folder, rows)
    if (flags.json) console.log(JSON.stringify(row))
  }
  await backend.close()
  signals.release()
  if (rows.length < planned.length) {
    console.error(`Stopped; ${rows.length} of ${planned.length} runs are finished. The same command goes on.`)
    process.exitCode = stopExitCodes[signals.received!]
    return
  }
  const findings = findScaling(rows, RESAMPLES)
  if (flags.json) console.log(JSON.stringify(findingsJson(findings)))
  else {
    console.log(`\n${findingsText(findings, paint, Math.min(process.stdout.columns ?? 80, 100))}`)
    console.log(`\nThe runs are in ${sweepFile(folder)}; \`alippe explain scaling --law ${folder}\` plans with them.`)
  }
}

async function readTokens({ data, vocab, tokens, quick }: SweepFlags): Promise<PreparedTokens> {
  const folderOfShards = data && (await openPreparedFolder(data))
  if (folderOfShards) return folderTokens(folderOfShards, tokens)
  const usual = runSettings.parse({}).corpus
  const corpus = data ? await filesCorpus(data) : worldCorpus(worldOf(usual), quick ? QUICK_DOCUMENTS : usual.documents)
  return prepareTokens({ corpus, cache: join('runs', 'cache'), vocabSize: vocab, tokens, onProgress: stageLine() })
}

/** Runs of other settings or another text do not belong to the same sweep. */
async function claim(folder: string, identity: string): Promise<void> {
  const file = join(folder, 'sweep.json')
  const found = await readFile(file, 'utf8').catch(() => undefined)
  if (found === identity) return
  if (found !== undefined) {
    throw new ConfigError(
      `${folder} holds a sweep of another text or with other settings: choose another --name, or remove it`,
    )
  }
  await mkdir(folder, { recursive: true })
  await writeAtomically(file, new TextEncoder().encode(identity))
}

const sizesText = ({ parameters, tokens, steps }: PlannedSweepRun) =>
  `${quantity(parameters)} parameters, ${quantity(tokens)} tokens, ${steps} steps`

function describeSweep(
  planned: readonly PlannedSweepRun[],
  { index, entropyNatsPerToken }: PreparedTokens,
  folder: string,
) {
  const rows = planned.map(({ parameters, nonEmbedding, tokens, steps }) => [
    quantity(trainingFlops(parameters, tokens), 'FLOP'),
    quantity(parameters),
    quantity(nonEmbedding),
    quantity(tokens),
    (tokens / parameters).toFixed(1),
    steps,
  ])
  console.log(table(rows, { header: ['6·N·D', 'N', 'without embeddings', 'D', 'D/N', 'steps'] }))
  const total = planned.reduce((sum, { parameters, tokens }) => sum + trainingFlops(parameters, tokens), 0)
  const text = index.splits.train.tokens
  const most = Math.max(...planned.map(({ tokens }) => tokens))
  console.log(`${planned.length} runs of ${quantity(total, 'FLOP')} together, in ${folder}; N are all parameters.`)
  if (most > text)
    console.log(`The text has ${quantity(text)} tokens; the longest run reads it ${(most / text).toFixed(1)} times.`)
  if (entropyNatsPerToken !== undefined)
    console.log(`The entropy of the text, ${entropyNatsPerToken.toFixed(3)} nats a token, is what E cannot be below.`)
}
