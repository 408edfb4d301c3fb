import { readdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ConfigError, DataError } from '../../base/index.ts'
import {
  type Amount,
  type Folder,
  parseShardIndex,
  type ShardIndex,
  type StageReport,
  sha256,
} from '../../data/index.ts'
import type { PrepareReport, Recipe } from '../../data/prepare/index.ts'
import { writeTokenizerJson } from '../../tokenizers/index.ts'
import { fileFolder, isTemporary } from '../files.ts'
import { fingerprint } from '../inputs/fingerprint.ts'
import type { Input } from '../inputs/input.ts'
import { type ListOptions, listInputs } from '../inputs/list-inputs.ts'
import { openTokenizer } from '../tokenizer-files.ts'
import { arrangeAll } from './arrange-all.ts'
import { cleanAndSelect, type Selected } from './clean-and-select.ts'
import { encodeAll } from './encode-all.ts'
import type { JudgeFiles } from './judges.ts'
import { learnTokenizer } from './learn-tokenizer.ts'
import { openPool, type Pool } from './pool.ts'
import type { PrepareStage, Task, TaskResult, WorkerData, Workplace } from './tasks.ts'
import { defaultUnitBytes, planUnits } from './units.ts'

/** Changes when the same recipe would give something else. */
const version = 1

export interface PrepareProgress {
  readonly stage: PrepareStage
  /** How much of the stage is done, 0 to 1. */
  readonly share: number
  /** Of all inputs. */
  readonly inputBytes: number
}

export interface PrepareOptions extends ListOptions {
  /** What to read, as `listInputs` understands names. */
  readonly names: readonly string[]
  readonly recipe?: Recipe
  /** Folder of the shards, with index.json, tokenizer.json and report.json. */
  readonly output: string
  /** Threads. Default: one for each core. */
  readonly workers?: number
  /** Bytes that a worker reads at a time, about; what comes out does not depend on it. Default 4 MiB. */
  readonly unitBytes?: number
  /** Leaves cleaned documents and token blocks where they are, for another preparation of the same inputs. */
  readonly keepWork?: boolean
  readonly onProgress?: (progress: PrepareProgress) => void
}

export interface Prepared {
  readonly index: ShardIndex
  readonly report: PrepareReport
  /** The set was there already, and nothing was read but the list of the inputs. */
  readonly reused: boolean
}

/**
 * Makes packed token shards of raw sources: reads, filters, deduplicates, learns a tokenizer, encodes, mixes, shuffles and
 * packs. The same inputs and recipe give the same bytes, with any number of workers. What was interrupted, in whatever
 * way, goes on where it stopped: blocks that are written are not made again. `index.json` is written last.
 *
 * @throws DataError when nothing is left to train on
 * @throws ConfigError for a recipe that cannot be, or when the output holds another set
 */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { names, recipe = {}, output, workers = availableParallelism(), keepWork = false, cacheFolder } = options
  const { unitBytes = defaultUnitBytes } = options
  const { inputs, report: listing } = await listInputs(names, options)
  const inputBytes = inputs.reduce((sum, { size }) => sum + size, 0)
  const sources = [...new Set(inputs.map(({ source }) => source))]
  const given = recipe.tokenizer?.file === undefined ? undefined : await openTokenizer(recipe.tokenizer.file)
  await removeLeftovers(output)
  const workPath = join(output, '.work')
  const folder = fileFolder(workPath)
  const wrongSchema = inputs.length === 1 ? 'error' : 'drop'
  const data: WorkerData = { recipe, read: recipe.read, folder: workPath, cacheFolder, wrongSchema }
  const pool = openPool<Task, TaskResult>(new URL('./worker.ts', import.meta.url), workers, data)
  const seconds: Record<string, number> = {}
  const progress: Workplace['progress'] = (stage, share) => options.onProgress?.({ stage, share, inputBytes })
  async function timed<T>(stage: PrepareStage, work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    progress(stage, 0)
    const result = await work()
    seconds[stage] = (performance.now() - start) / 1000
    return result
  }
  try {
    const judges = await learnedJudges(recipe, pool, inputs)
    const place: Workplace = { recipe, folder, pool, judges, progress }
    const ofSources = inputs.map(({ source }) => source)
    // Workers load what filters need meanwhile.
    const [units, cleaning] = await Promise.all([
      timed('inputs', () => planUnits(inputs, recipe.read ?? {}, unitBytes, options)),
      describeCleaning(pool, judges),
    ])
    const cleanKey = await keyOf([version, fingerprint(inputs), ofSources, cleaning])
    const blockKey = await keyOf([cleanKey, unitBytes])
    const key = await keyOf([cleanKey, recipe, given && (await sha256(given.definition()))])
    const out = fileFolder(output)
    const known = await readSet(out, output, key)
    if (known !== undefined) {
      if (!keepWork) await out.remove('.work')
      return { ...known, reused: true }
    }

    const selected = await timed('clean', () => cleanAndSelect(place, units, blockKey))
    requireSome(selected)
    const tokenizer = given ?? (await timed('tokenizer', () => learnTokenizer(place, selected)))
    const tokenizerJson = writeTokenizerJson(tokenizer)
    await out.write('tokenizer.json', new TextEncoder().encode(tokenizerJson))
    const tokenizerFile = join(output, 'tokenizer.json')
    const blocks = await timed('encode', () => encodeAll(place, { selected, tokenizer, tokenizerFile, sources }))
    const arranged = await timed('arrange', () => arrangeAll(place, { blocks, tokenizer, sources, output, key, names }))
    const report: PrepareReport = {
      recipe,
      stages: [listing, ...selected.reports.map((report) => withEncoded(report, arranged.encoded))],
      ...arranged.summary,
      tokenizer: { vocabSize: tokenizer.vocabSize, learned: given === undefined },
      seconds,
    }
    await out.write('report.json', jsonBytes(report))
    await out.write('index.json', jsonBytes(arranged.index))
    if (!keepWork) await out.remove('.work')
    return { index: arranged.index, report, reused: false }
  } finally {
    await pool.close()
  }
}

/** Removes files that an attempt which was killed had not finished. */
async function removeLeftovers(output: string): Promise<void> {
  const names = await readdir(output).catch(() => [])
  for (const name of names) if (isTemporary(name)) await rm(join(output, name), { force: true })
}

const noJudges: JudgeFiles = { perplexity: [], quality: [] }

/** What filters have to learn before they can judge. */
async function learnedJudges(
  { filters = {} }: Recipe,
  pool: Pool<Task, TaskResult>,
  inputs: readonly Input[],
): Promise<JudgeFiles> {
  if (filters.perplexity === undefined && filters.quality === undefined) return noJudges
  const [answer] = await Array.fromAsync(pool.run([{ kind: 'learn', inputs }]))
  await pool.close()
  return answer.judges!
}

/** What the workers do to every document, in words that change with it. */
async function describeCleaning(pool: Pool<Task, TaskResult>, judges: JudgeFiles): Promise<string> {
  // Every worker is asked, so that all of them are ready.
  const answers = await Array.fromAsync(
    pool.run(Array.from({ length: pool.threads }, () => ({ kind: 'describe', judges }))),
  )
  return answers[0].description!
}

/** Lines are taken out when documents are encoded; only then is known how much of them is left. */
function withEncoded(report: StageReport, out: Amount): StageReport {
  if (report.stage !== 'repeated lines' || out.documents > report.in.documents) return report
  const emptied = report.in.documents - out.documents
  if (emptied === 0) return { ...report, out }
  return { ...report, out, dropped: { 'no line is left': { documents: emptied, bytes: 0, examples: [] } } }
}

/** @throws DataError when every document was left out */
function requireSome({ cleaned, selection }: Selected): void {
  for (let i = 0; i < cleaned.documents; i++) if (selection.repeats[i] === i) return
  throw new DataError(
    'prepare: no document is left: the filters took all of them, or nothing could be read. See why with alippe data inspect --dropped, and leave filters out with --without',
  )
}

/** The set that is in a folder, when it is the one that would be made. */
async function readSet(
  out: Folder,
  output: string,
  key: string,
): Promise<{ index: ShardIndex; report: PrepareReport } | undefined> {
  const size = await out.size('index.json')
  if (size === undefined) return undefined
  const index = parseShardIndex(new TextDecoder().decode(await out.read('index.json', 0, size)), `${output}/index.json`)
  const reportSize = await out.size('report.json')
  if (index.key !== key || reportSize === undefined) {
    throw new ConfigError(
      `${output} holds another set (of ${index.source}): choose another folder, or remove it; other inputs, other settings and changed files make another set`,
    )
  }
  return { index, report: JSON.parse(new TextDecoder().decode(await out.read('report.json', 0, reportSize))) }
}

/** 16 hexadecimal digits that name what something is made from. */
async function keyOf(value: unknown): Promise<string> {
  return (await sha256(JSON.stringify(value))).slice(0, 16)
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`)
}
