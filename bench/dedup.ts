import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  commonPrefixes,
  measureRecall,
  minHasher,
  NearDuplicates,
  type NearReport,
  repeatedPassages,
  suffixArray,
} from '../src/data/dedup/index.ts'
import { outlineOf } from '../src/data/index.ts'
import type { SignedBlock, SignWork } from './children/sign-documents.ts'
import { openPython, type PythonPeer } from './peers/python.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import { interleave, type Sampler } from './runner/interleave.ts'
import { compare, figure, rounded } from './runner/statistics.ts'
import { nearCopies } from './texts/near-copies.ts'
import { benchText } from './texts/texts.ts'

// From texts in memory to which of them stay: outlines, 112 hashes of 5 words, 14 bands of 8 rows. MB are 10⁶ bytes of UTF-8.

const rounds = 5
const seed = 1
const blockSize = 256
const setting = { hashes: 112, bands: 14, rows: 8, shingle: 5 }
/** Peers are asked for a part; they take minutes for all. */
const peerDocuments = 1000

const bench: Bench = {
  title: 'Deduplication: MinHash and LSH on one thread and two, recall and precision, suffix arrays.',
  async *cases(context) {
    const text = benchText('english', context.quick ? 1e6 : 4e6).text
    yield* nearCases(context, text)
    yield* recallCases(context)
    yield* suffixCases(context, text)
  },
}
export default bench

async function* nearCases(context: Context, text: string): AsyncGenerator<Case> {
  const names = ['one thread', 'two threads'].map((threads) => `MinHash and LSH, ${threads}`)
  if (![...names, 'recall', 'precision'].some((name) => context.wants(name))) return
  const documents = Math.round((context.quick ? 20e6 : 200e6) / 3100)
  context.progress(`making ${documents} documents`)
  const made = nearCopies(text, seed)
  const texts = Array.from({ length: documents }, (_, i) => made.document(i))
  const bytes = texts.reduce((sum, each) => sum + Buffer.byteLength(each), 0)
  const threads = await openThreads({ text, seed, documents, blockSize }, 2)
  const rate = (work: () => Promise<unknown>, size = bytes): Sampler => {
    return async () => {
      const start = performance.now()
      await work()
      return size / 1e3 / (performance.now() - start)
    }
  }
  let report: NearReport | undefined
  const samples = await interleave(
    {
      one: rate(async () => (report = findHere(texts))),
      two: rate(async () => findWith(threads, documents)),
    },
    { rounds },
  )
  await threads.close()
  const peers = await askPeers(context, texts.slice(0, peerDocuments))
  const note = `${documents} documents, ${rounded(bytes / 1e6)} MB; every tenth is a near copy; peers have ${peerDocuments}`
  yield compare({ case: names[0], ours: figure(samples.one, 'MB/s'), peers, target: 'value >= 40', note })
  yield compare({ case: names[1], ours: figure(samples.two, 'MB/s'), target: 'value >= 60', note })
  yield* qualityCases(report!, texts, made.original)
}

function findHere(texts: readonly string[]): NearReport {
  const hasher = minHasher()
  const near = new NearDuplicates()
  for (const text of texts) near.add(hasher.ofWords(outlineOf(text).words.hashes))
  return near.finish()
}

interface Threads {
  readonly workers: readonly Worker[]
  close(): Promise<void>
}

async function openThreads(work: Omit<SignWork, 'part' | 'parts'>, parts: number): Promise<Threads> {
  const url = new URL('children/sign-documents.ts', import.meta.url)
  const workers = Array.from({ length: parts }, (_, part) => new Worker(url, { workerData: { ...work, part, parts } }))
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))))
  return { workers, close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))) }
}

/** Signatures come from the threads in any order, and are added in that of the documents. */
function findWith({ workers }: Threads, documents: number): Promise<NearReport> {
  const near = new NearDuplicates()
  const { hashes } = setting
  const waiting = new Map<number, Uint16Array>()
  let next = 0
  return new Promise((resolve) => {
    for (const worker of workers) {
      worker.removeAllListeners('message')
      worker.on('message', ({ block, signatures }: SignedBlock) => {
        waiting.set(block, signatures)
        for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(++next)) {
          waiting.delete(next)
          for (let at = 0; at < ready.length; at += hashes) near.add(ready.subarray(at, at + hashes))
        }
        if (next * blockSize >= documents) resolve(near.finish())
      })
      worker.postMessage('go')
    }
  })
}

/** MB/s of each peer. */
async function askPeers(context: Context, texts: readonly string[]): Promise<Record<string, number[]>> {
  const python = await openPython('deduplication.py', 1)
  if ('why' in python) {
    context.skip('datasketch', python.why)
    context.skip('text-dedup', python.why)
    return {}
  }
  const folder = mkdtempSync(join(tmpdir(), 'alippe-bench-'))
  try {
    const path = join(folder, 'texts.jsonl')
    writeFileSync(path, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''))
    const bytes = texts.reduce((sum, each) => sum + Buffer.byteLength(each), 0)
    const samplers: Record<string, Sampler> = {}
    const add = (name: string, op: string) => {
      samplers[name] = async () => bytes / 1e6 / (await seconds(python, op, path))
    }
    add(`datasketch ${python.version}`, 'datasketch')
    if (await python.request<boolean>({ op: 'has_text_dedup' })) add('text-dedup', 'text_dedup')
    else context.skip('text-dedup', 'python3 cannot import it')
    return await interleave(samplers, { rounds: context.quick ? 1 : rounds, warmups: 0 })
  } finally {
    await python.close()
    rmSync(folder, { recursive: true })
  }
}

async function seconds(python: PythonPeer, op: string, path: string): Promise<number> {
  return (await python.request<{ seconds: number }>({ op, path, ...setting })).seconds
}

/** From this similarity on a copy should be found. */
const similar = 0.8
/** Below this one a document was dropped wrongly. */
const different = 0.5

function* qualityCases(
  { repeats }: NearReport,
  texts: readonly string[],
  original: (number: number) => number | undefined,
): Generator<Case> {
  let [pairs, found, dropped, right] = [0, 0, 0, 0]
  for (let i = 0; i < texts.length; i++) {
    const source = original(i)
    if (source !== undefined && jaccard(texts[i], texts[source]) >= similar) {
      pairs++
      if (repeats[i] === repeats[source]) found++
    }
    if (repeats[i] === i) continue
    dropped++
    if (jaccard(texts[i], texts[repeats[i]]) >= different) right++
  }
  const percent = (part: number, all: number) => figure([all === 0 ? 0 : (100 * part) / all], '%')
  const recall = `of ${pairs} planted copies with a similarity of at least ${similar}, by counting shingles`
  yield compare({ case: 'recall', ours: percent(found, pairs), target: 'value >= 98', note: recall })
  const precision = `of ${dropped} dropped documents: those with a similarity of at least ${different} to the first of their cluster`
  yield compare({ case: 'precision', ours: percent(right, dropped), target: 'value >= 98', note: precision })
}

/** By the definition: sets of runs of words, as strings. */
function jaccard(a: string, b: string): number {
  const [first, second] = [a, b].map((text) => {
    const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
    return new Set(words.slice(0, -4).map((_, i) => words.slice(i, i + setting.shingle).join(' ')))
  })
  return first.intersection(second).size / first.union(second).size
}

function* recallCases({ quick, wants }: Context): Generator<Case> {
  const name = 'pairs found, furthest from the S-curve'
  if (!wants(name)) return
  const pairs = quick ? 2000 : 20_000
  const bins = measureRecall(minHasher(), { ...setting, pairs })
  const distances = bins.map(({ pairs: n, expected, measured }) => {
    const deviation = Math.sqrt((expected * (1 - expected)) / n) + 1 / n
    return Math.abs(measured - expected) / deviation
  })
  const percent = (share: number) => `${(100 * share).toFixed(1)}`
  const note = bins
    .map(({ from, expected, measured }) => `${from}: ${percent(expected)}/${percent(measured)}`)
    .join(', ')
  const ours = figure([Math.max(...distances)], 'standard deviations')
  yield compare({ case: name, ours, target: 'value <= 4', note: `by similarity, expected/found in %: ${note}` })
}

async function* suffixCases({ quick, wants }: Context, text: string): AsyncGenerator<Case> {
  const name = 'suffix array and common prefixes'
  const passages = 'repeated passages'
  if (!wants(name) && !wants(passages)) return
  const bytes = new TextEncoder().encode(text)
  const size = bytes.length
  const timed =
    (work: () => unknown): Sampler =>
    async () => {
      const start = performance.now()
      work()
      return size / 1e3 / (performance.now() - start)
    }
  const half = text.length >> 1
  const { array, removal } = await interleave(
    {
      array: timed(() => commonPrefixes(bytes, suffixArray(bytes))),
      removal: timed(() => repeatedPassages([text.slice(0, half), text.slice(half)])),
    },
    { rounds: quick ? 3 : rounds },
  )
  const note = `${rounded(size / 1e6)} MB of English`
  if (wants(name)) yield compare({ case: name, ours: figure(array, 'MB/s'), note })
  if (wants(passages)) yield compare({ case: passages, ours: figure(removal, 'MB/s'), note })
}
