import { FormatError } from '../../base/index.ts'
import { type Folder, openArrays, writeArrays } from '../index.ts'

/** The ids of a document with the number by which documents are sorted. */
export interface Keyed {
  readonly key: number
  readonly ids: Uint32Array | Uint16Array
}

export interface BucketsOptions {
  readonly folder: Folder
  /** A folder inside of it for what does not fit into memory. */
  readonly path: string
  /** Keys are in [0, stages). */
  readonly stages: number
  readonly bucketsPerStage: number
  /** So many ids are held in memory; with more, all go to files. */
  readonly bufferTokens: number
}

/**
 * Documents by ranges of their keys: what an external sort puts down on its first pass, and takes up bucket by bucket on its
 * second. A bucket never spans two stages. Documents with equal keys stay in the order in which they came.
 */
export class Buckets {
  readonly count: number
  #options: BucketsOptions
  #held: Keyed[][]
  #heldTokens = 0
  #parts: number[]

  constructor(options: BucketsOptions) {
    this.#options = options
    this.count = options.stages * options.bucketsPerStage
    this.#held = Array.from({ length: this.count }, () => [])
    this.#parts = Array.from({ length: this.count }, () => 0)
  }

  /** Takes a document; its ids must not change. A promise is returned where there is something to wait for. */
  add(document: Keyed): Promise<void> | undefined {
    const { bucketsPerStage, bufferTokens } = this.#options
    const bucket = Math.min(Math.floor(document.key * bucketsPerStage), this.count - 1)
    this.#held[bucket].push(document)
    this.#heldTokens += document.ids.length
    return this.#heldTokens > bufferTokens ? this.#putDown() : undefined
  }

  /** The documents of a bucket in the order of their keys; they are gone from it then. */
  async take(bucket: number): Promise<Keyed[]> {
    const { folder } = this.#options
    const all: Keyed[] = []
    for (let part = 0; part < this.#parts[bucket]; part++) {
      all.push(...(await readPart(folder, this.#nameOf(bucket, part))))
    }
    all.push(...this.#held[bucket])
    this.#held[bucket] = []
    return all.sort((a, b) => a.key - b.key)
  }

  /** Removes the files. */
  async clear(): Promise<void> {
    await this.#options.folder.remove(this.#options.path)
  }

  async #putDown(): Promise<void> {
    for (const [bucket, documents] of this.#held.entries()) {
      if (documents.length === 0) continue
      await writePart(this.#options.folder, this.#nameOf(bucket, this.#parts[bucket]++), documents)
      this.#held[bucket] = []
    }
    this.#heldTokens = 0
  }

  #nameOf(bucket: number, part: number): string {
    return `${this.#options.path}/${bucket}-${part}`
  }
}

async function writePart(folder: Folder, name: string, documents: readonly Keyed[]): Promise<void> {
  const keys = Float64Array.from(documents, ({ key }) => key)
  const lengths = Uint32Array.from(documents, ({ ids }) => ids.length)
  const all = new Uint32Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const { ids } of documents) {
    all.set(ids, at)
    at += ids.length
  }
  const arrays = { keys: { array: new Uint32Array(keys.buffer) }, lengths: { array: lengths }, ids: { array: all } }
  await writeArrays(folder, name, arrays, { durable: false })
}

async function readPart(folder: Folder, name: string): Promise<Keyed[]> {
  const file = await openArrays(folder, name)
  const words = await file.read('keys', 'u32')
  const keys = new Float64Array(words.slice().buffer)
  const lengths = await file.read('lengths', 'u32')
  const ids = await file.read('ids', 'u32')
  if (keys.length !== lengths.length) throw new FormatError(`${name}: ${keys.length} keys, ${lengths.length} documents`)
  let at = 0
  return Array.from(keys, (key, i) => ({ key, ids: ids.subarray(at, (at += lengths[i])) }))
}
