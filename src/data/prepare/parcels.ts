import { type MixPlan, mixKeys, packRows, permutation } from '../index.ts'
import type { TokenBlockHead } from './token-block.ts'

export type Split = 'train' | 'validation'

/** How much of a split there is, before any mix. */
export interface SplitSize {
  documents: number
  tokens: number
  textBytes: number
  /** Tokens of each source, by its number. */
  readonly bySource: number[]
}

/** Adds up the documents of blocks. */
export function measureBlocks(heads: readonly TokenBlockHead[], sources: number): Record<Split, SplitSize> {
  const empty = (): SplitSize => ({
    documents: 0,
    tokens: 0,
    textBytes: 0,
    bySource: Array.from({ length: sources }, () => 0),
  })
  const sizes = { train: empty(), validation: empty() }
  for (const { lengths, aside, sources, textBytes } of heads) {
    for (let i = 0; i < lengths.length; i++) {
      const size = aside[i] === 1 ? sizes.validation : sizes.train
      size.documents++
      size.tokens += lengths[i]
      size.textBytes += textBytes[i]
      size.bySource[sources[i]] += lengths[i]
    }
  }
  return sizes
}

/**
 * Documents whose keys lie in one range: what becomes one shard. Where their ids lie, and by which number they are sorted.
 * They are in the order of the corpus.
 */
export interface Parcel {
  /** `[documents]` */
  readonly keys: Float64Array
  /** `[documents]` the number of the block that holds each. */
  readonly blocks: Uint32Array
  /** `[documents]` the first of its ids in the block. */
  readonly starts: Uint32Array
  /** `[documents]` its ids. */
  readonly lengths: Uint32Array
}

export interface Parcels {
  /** Of which none is empty. */
  readonly parcels: readonly Parcel[]
  /** Over all of them; documents that are told several times count so often. */
  readonly documents: number
  readonly textBytes: number
}

export interface ParcelOptions {
  readonly split: Split
  /** Of this split, as {@link measureBlocks} says. */
  readonly size: SplitSize
  /** How often and in which order documents are told; once, in the order of the blocks, when absent. */
  readonly mix?: { readonly plan: MixPlan; readonly seed: number }
  /** Tokens of a parcel, about. */
  readonly shardTokens: number
}

/**
 * Cuts a corpus into parcels by ranges of keys: an external shuffle, of which each parcel can be sorted and written alone,
 * by any worker. A parcel never spans two stages of a curriculum. It depends on the documents, the mix and the seed alone.
 *
 * Memory: 20 bytes for each time that a document is told.
 *
 * @param heads of all blocks, in order
 */
export function cutParcels(heads: readonly TokenBlockHead[], options: ParcelOptions): Parcels {
  const { split, size, mix, shardTokens } = options
  const stages = mix?.plan.epochs.length ?? 1
  const told = mix === undefined ? size.tokens : toldTokens(mix.plan, size)
  const perStage = Math.max(1, Math.ceil(told / stages / shardTokens))
  const count = stages * perStage
  const parcelOf = (key: number) => Math.min(Math.floor(key * perStage), count - 1)
  const sizes = new Uint32Array(count)
  let documents = 0
  let textBytes = 0
  for (const { key, bytes } of tellings(heads, split, size, mix)) {
    sizes[parcelOf(key)]++
    documents++
    textBytes += bytes
  }
  const parcels = Array.from(sizes, (n) => ({
    keys: new Float64Array(n),
    blocks: new Uint32Array(n),
    starts: new Uint32Array(n),
    lengths: new Uint32Array(n),
  }))
  const filled = new Uint32Array(count)
  for (const { key, block, start, length } of tellings(heads, split, size, mix)) {
    const number = parcelOf(key)
    const at = filled[number]++
    const parcel = parcels[number]
    parcel.keys[at] = key
    parcel.blocks[at] = block
    parcel.starts[at] = start
    parcel.lengths[at] = length
  }
  return { parcels: parcels.filter(({ keys }) => keys.length > 0), documents, textBytes }
}

interface Telling {
  key: number
  block: number
  start: number
  length: number
  bytes: number
}

/** Each time that a document is told, in the order of the corpus. The same object is given again and again. */
function* tellings(
  heads: readonly TokenBlockHead[],
  split: Split,
  size: SplitSize,
  mix: ParcelOptions['mix'],
): Generator<Telling> {
  const telling: Telling = { key: 0, block: 0, start: 0, length: 0, bytes: 0 }
  let order = 0
  for (const [block, { lengths, numbers, sources, aside, textBytes }] of heads.entries()) {
    telling.block = block
    let start = 0
    for (let i = 0; i < lengths.length; i++) {
      telling.start = start
      telling.length = lengths[i]
      telling.bytes = textBytes[i]
      start += lengths[i]
      if ((aside[i] === 1) !== (split === 'validation')) continue
      if (mix === undefined) {
        telling.key = order++ / size.documents
        yield telling
        continue
      }
      for (const key of mixKeys(mix.plan, { document: numbers[i], source: sources[i], seed: mix.seed })) {
        telling.key = key
        yield telling
      }
    }
  }
}

/** Tokens of a mixed corpus, about. */
function toldTokens(plan: MixPlan, { bySource }: SplitSize): number {
  return plan.epochs.reduce((sum, stage) => sum + stage.reduce((a, epochs, i) => a + epochs * bySource[i], 0), 0)
}

export interface PackOptions {
  readonly separator: number
  /** Tokens of a row, without its last target, when documents are packed into rows. */
  readonly rowTokens?: number
  /** Of the order of the rows, and which parcel of the corpus it is. */
  readonly seed: number
  readonly number: number
}

/**
 * The ids of a shard: documents in the order of their keys, a separator behind each; or rows into which they are packed, in a
 * random order.
 *
 * @param idsOf ids of a document: `length` from `start` on in a block
 */
export function packParcel(
  { keys, blocks, starts, lengths }: Parcel,
  idsOf: (block: number, start: number, length: number) => ArrayLike<number>,
  { separator, rowTokens, seed, number }: PackOptions,
): { readonly ids: Uint32Array; readonly filler: number } {
  const documents: ArrayLike<number>[] = Array.from(keys, (_, i) => idsOf(blocks[i], starts[i], lengths[i]))
  const order = Uint32Array.from(keys, (_, i) => i).sort((a, b) => keys[a] - keys[b] || a - b)
  if (rowTokens === undefined) {
    const ids = new Uint32Array(lengths.reduce((sum, length) => sum + length + 1, 0)).fill(separator)
    let at = 0
    for (const i of order) {
      ids.set(documents[i], at)
      at += lengths[i] + 1
    }
    return { ids, filler: 0 }
  }
  const packed = packRows(
    Array.from(order, (i) => documents[i]),
    { tokens: rowTokens, separator },
  )
  const ids = new Uint32Array(packed.ids.length)
  if (packed.rows > 0) {
    const stride = rowTokens + 1
    const placeOf = permutation(packed.rows, seed, number)
    for (let row = 0; row < packed.rows; row++) {
      const from = placeOf(row) * stride
      ids.set(packed.ids.subarray(from, from + stride), row * stride)
    }
  }
  return { ids, filler: packed.filler }
}
