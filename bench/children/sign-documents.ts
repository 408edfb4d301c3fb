import { parentPort, workerData } from 'node:worker_threads'
import { minHasher } from '../../src/data/dedup/index.ts'
import { outlineOf } from '../../src/data/index.ts'
import { nearCopies } from '../texts/near-copies.ts'

// A thread of bench/dedup.ts: makes every `parts`-th block of documents, says so, and signs them whenever it is told to.

export interface SignWork {
  readonly text: string
  readonly seed: number
  readonly documents: number
  readonly blockSize: number
  readonly part: number
  readonly parts: number
}

export interface SignedBlock {
  readonly block: number
  readonly signatures: Uint16Array
}

const { text, seed, documents, blockSize, part, parts } = workerData as SignWork
const { document } = nearCopies(text, seed)
const blocks = new Map<number, string[]>()
for (let block = part; block * blockSize < documents; block += parts) {
  const size = Math.min(blockSize, documents - block * blockSize)
  blocks.set(
    block,
    Array.from({ length: size }, (_, i) => document(block * blockSize + i)),
  )
}

const hasher = minHasher()
parentPort!.on('message', () => {
  for (const [block, texts] of blocks) {
    const signatures = new Uint16Array(texts.length * hasher.hashes)
    for (const [i, each] of texts.entries()) {
      signatures.set(hasher.ofWords(outlineOf(each).words.hashes), i * hasher.hashes)
    }
    parentPort!.postMessage({ block, signatures } satisfies SignedBlock, [signatures.buffer])
  }
})
parentPort!.postMessage('ready')
