import { availableParallelism } from 'node:os'
import { DataError } from '../../base/index.ts'
import { type PassageOptions, repeatedPassages, withoutSpans } from '../../data/dedup/index.ts'
import { type Document, type Documents, type StageReport, sha256, Tally } from '../../data/index.ts'
import {
  type Cleaned,
  lineFinder,
  type Recipe,
  readCleaned,
  readRecords,
  type Selection,
  withoutLines,
} from '../../data/prepare/index.ts'
import { fileFolder } from '../files.ts'
import { fingerprint } from '../inputs/fingerprint.ts'
import { type ListOptions, listInputs } from '../inputs/list-inputs.ts'
import { cleanAndSelect } from './clean-and-select.ts'
import { cleaningKey, cleaningOf } from './cleaning.ts'
import { openPool } from './pool.ts'
import type { PrepareProgress } from './prepare.ts'
import type { Task, TaskResult, WorkerData, Workplace } from './tasks.ts'
import { defaultUnitBytes, planUnits } from './units.ts'

export interface DedupeOptions extends ListOptions {
  readonly names: readonly string[]
  readonly recipe?: Pick<Recipe, 'read' | 'dedup'>
  /** Removes passages that were there before as well; all texts that are left are in memory then. */
  readonly passages?: PassageOptions
  /** Folder of work in progress. An interrupted attempt is gone on with when it is the same. */
  readonly work: string
  readonly workers?: number
  readonly onProgress?: (progress: PrepareProgress) => void
}

/** Documents that are similar or equal: the first stays. */
export interface Cluster {
  readonly documents: number
  readonly kept: { readonly id: string; readonly text: string }
  /** The first of those that go. */
  readonly dropped: readonly { readonly id: string; readonly text: string }[]
}

export interface Deduped {
  /** What stays, in the order of the inputs. Each iteration reads anew. */
  readonly documents: Documents
  /** The largest clusters. */
  readonly clusters: readonly Cluster[]
  /** Of all stages; complete when the documents have been read. */
  reports(): StageReport[]
}

const shownClusters = 5
const shownOfCluster = 3
const defaultMemory = 2e9

const noFilters: Recipe['filters'] = {
  repair: false,
  length: false,
  language: false,
  lineRules: false,
  c4: false,
  gopher: false,
  repetition: false,
  privacy: false,
}

/**
 * Leaves out what was said before: equal and similar documents, and where asked, lines, passages and evaluation items. No
 * other filter is applied. The same inputs and settings give the same documents, with any number of workers.
 *
 * Memory: as `Selector` says; with passages, the texts and nine times their bytes.
 * @throws DataError when passages would take more memory than they may
 *
 * @example
 * const { documents, reports } = await dedupe({ names: ['docs', 'README.md'], work: '.work', workers: 1 })
 * const ids = (await Array.fromAsync(documents)).map(({ id }) => id)
 * ids // ['docs/cats.md']; README.md says the same
 * reports().at(-1).out.documents // 1
 */
export async function dedupe(options: DedupeOptions): Promise<Deduped> {
  const { names, work, passages, workers = availableParallelism(), cacheFolder } = options
  const recipe: Recipe = { ...options.recipe, filters: noFilters }
  const { inputs, report: listing } = await listInputs(names, options)
  const inputBytes = inputs.reduce((sum, { size }) => sum + size, 0)
  const folder = fileFolder(work)
  const judges = { perplexity: [], quality: [] }
  const cleaning = await cleaningOf(recipe, judges)
  const depends = ['dedupe', 1, fingerprint(inputs), inputs.map(({ source }) => source), cleaningKey(cleaning, recipe)]
  const key = (await sha256(JSON.stringify(depends))).slice(0, 16)
  const wrongSchema = inputs.length === 1 ? 'error' : 'drop'
  const data: WorkerData = { recipe, read: recipe.read, folder: work, cacheFolder, wrongSchema }
  const pool = openPool<Task, TaskResult>(new URL('./worker.ts', import.meta.url), workers, data)
  const progress: Workplace['progress'] = (stage, share) => options.onProgress?.({ stage, share, inputBytes })
  try {
    progress('inputs', 0)
    const units = await planUnits(inputs, recipe.read ?? {}, defaultUnitBytes, options)
    const place: Workplace = { recipe, folder, pool, judges, progress }
    progress('clean', 0)
    const { cleaned, selection, reports } = await cleanAndSelect(place, units, key)
    const stages = [listing, ...reports]
    const clusters = await largestClusters(cleaned, selection)
    const spans = passages && (await passagesOf(cleaned, selection, passages))
    const tally = { current: new Tally('write') }
    return {
      documents: {
        [Symbol.asyncIterator]: () => left(cleaned, selection, (tally.current = new Tally('write')), spans),
      },
      clusters,
      reports: () => [...stages, tally.current.report()],
    }
  } finally {
    await pool.close()
  }
}

/** Documents that stay, without their lines that go: each with its bytes as they were. */
async function* kept(cleaned: Cleaned, selection: Selection): AsyncGenerator<{ document: Document; bytes: number }> {
  const linesOf = lineFinder(selection)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for (const [b, { name, file, lengths }] of cleaned.blocks.entries()) {
    const text = await file.read('text', 'u8')
    const records = readRecords(await file.read('records', 'u8'), lengths.length, name)
    let end = 0
    for (let i = 0; i < lengths.length; i++) {
      const bytes = text.subarray(end, (end += lengths[i]))
      const number = cleaned.firsts[b] + i
      if (selection.repeats[number] !== number) continue
      const { id, source, meta } = records[i]
      const shorter = withoutLines(bytes, linesOf(number)) as Uint8Array<ArrayBuffer>
      yield { document: { id, text: decoder.decode(shorter), source, meta }, bytes: bytes.length }
    }
  }
}

/** What is written, and counted: a document of which nothing is left is left out. */
async function* left(
  cleaned: Cleaned,
  selection: Selection,
  tally: Tally,
  spans?: readonly (readonly [number, number][])[],
): AsyncGenerator<Document> {
  let order = 0
  for await (const { document, bytes } of kept(cleaned, selection)) {
    const { text, removed, spans: passages } = withoutSpans(document.text, spans?.[order] ?? [])
    order++
    if (passages > 0) {
      const why = `${passages} passages, ${removed} characters`
      tally.change('passage that was there before', { id: document.id, bytes: 0, text: document.text, why })
    }
    if (text.trim() === '') {
      tally.drop('nothing is left', { id: document.id, bytes, text: document.text, why: 'all of it was said before' })
      continue
    }
    tally.keep(bytes, Buffer.byteLength(text))
    yield { ...document, text }
  }
}

async function passagesOf(cleaned: Cleaned, selection: Selection, options: PassageOptions) {
  const { memoryLimitBytes = defaultMemory } = options
  let bytes = 0
  for (const [b, { lengths }] of cleaned.blocks.entries()) {
    for (let i = 0; i < lengths.length; i++) {
      if (selection.repeats[cleaned.firsts[b] + i] === cleaned.firsts[b] + i) bytes += lengths[i]
    }
  }
  if (9 * bytes > memoryLimitBytes) {
    throw new DataError(
      `passages: ${bytes} bytes of text need ${9 * bytes} bytes of memory, more than the ${memoryLimitBytes} that are allowed: give fewer documents at a time, or allow more`,
    )
  }
  const texts: string[] = []
  for await (const { document } of kept(cleaned, selection)) texts.push(document.text)
  return repeatedPassages(texts, { ...options, memoryLimitBytes })
}

async function largestClusters(cleaned: Cleaned, { repeats }: Selection): Promise<Cluster[]> {
  const first = (document: number) => {
    let at = document
    while (repeats[at] !== at) at = repeats[at]
    return at
  }
  const sizes = new Map<number, number>()
  for (let i = 0; i < repeats.length; i++) {
    if (repeats[i] !== i) sizes.set(first(i), (sizes.get(first(i)) ?? 1) + 1)
  }
  const largest = [...sizes].sort(([a, x], [b, y]) => y - x || a - b).slice(0, shownClusters)
  const members = new Map(largest.map(([document]): [number, number[]] => [document, []]))
  for (let i = 0; i < repeats.length; i++) {
    const of = repeats[i] === i ? undefined : members.get(first(i))
    if (of !== undefined && of.length < shownOfCluster) of.push(i)
  }
  const show = async (document: number) => {
    const { record, text } = await readCleaned(cleaned, document)
    return { id: record.id, text }
  }
  const clusters: Cluster[] = []
  for (const [document, documents] of largest) {
    const dropped = []
    for (const member of members.get(document)!) dropped.push(await show(member))
    clusters.push({ documents, kept: await show(document), dropped })
  }
  return clusters
}
