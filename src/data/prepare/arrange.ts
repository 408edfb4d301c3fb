import { type Folder, type MixPlan, mixKeys, packRows, permutation, type ShardSplit, ShardWriter } from '../index.ts'
import { Buckets, type Keyed } from './buckets.ts'
import { readTokenBlock, readTokenBlockHead } from './token-block.ts'

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
export async function measureBlocks(
  folder: Folder,
  blocks: readonly string[],
  sources: number,
): Promise<Record<Split, SplitSize>> {
  const empty = (): SplitSize => ({
    documents: 0,
    tokens: 0,
    textBytes: 0,
    bySource: Array.from({ length: sources }, () => 0),
  })
  const sizes = { train: empty(), validation: empty() }
  for (const name of blocks) {
    const { lengths, aside, sources, textBytes } = await readTokenBlockHead(folder, name)
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

export interface ArrangeOptions {
  /** Where the blocks are, and where work in progress may lie. */
  readonly work: Folder
  /** Names of token blocks, in order. */
  readonly blocks: readonly string[]
  readonly split: Split
  /** Of this split, as {@link measureBlocks} says. */
  readonly size: SplitSize
  /** Where shards go. */
  readonly output: Folder
  readonly tokenBytes: 2 | 4
  readonly shardTokens: number
  readonly separator: number
  /** How often and in which order documents are told; once, in the order of the blocks, when absent. */
  readonly mix?: { readonly plan: MixPlan; readonly seed: number }
  /** Tokens of a row, without its last target, when documents are packed into rows. */
  readonly rowTokens?: number
  /** About so many tokens are held in memory. */
  readonly bucketTokens: number
  readonly onProgress?: (tokens: number) => void
}

export interface Arranged {
  readonly split: ShardSplit
  /** Tokens that only fill rows up. */
  readonly filler: number
}

/**
 * Brings documents into their order and writes them as shards: a shuffle that needs no more memory than a bucket, whatever
 * the size. Documents get keys, buckets take ranges of keys, and are sorted one by one. What comes out depends on the
 * documents, the mix and the seed alone.
 */
export async function arrange(options: ArrangeOptions): Promise<Arranged> {
  const { work, split, size, output, tokenBytes, shardTokens, separator, mix, rowTokens, bucketTokens } = options
  const writer = new ShardWriter({ folder: output, path: '', split, tokenBytes, shardTokens })
  const told = mix === undefined ? size.tokens : toldTokens(mix.plan, size)
  const stages = mix?.plan.epochs.length ?? 1
  const buckets = new Buckets({
    folder: work,
    path: `shuffle-${split}`,
    stages,
    bucketsPerStage: Math.max(1, Math.ceil(told / stages / bucketTokens)),
    bufferTokens: bucketTokens,
  })
  await buckets.clear()
  await fill(buckets, writer, options)
  let filler = 0
  let written = 0
  for (let number = 0; number < buckets.count; number++) {
    const documents = (await buckets.take(number)).map(({ ids }) => ids)
    if (rowTokens === undefined) {
      const end = Uint32Array.of(separator)
      for (const ids of documents) {
        await writer.add(ids)
        await writer.add(end)
        written += ids.length + 1
      }
    } else {
      const packed = packRows(documents, { tokens: rowTokens, separator })
      const stride = rowTokens + 1
      const order = packed.rows === 0 ? undefined : permutation(packed.rows, mix?.seed ?? 0, number)
      for (let row = 0; row < packed.rows; row++) {
        const from = order!(row) * stride
        await writer.add(packed.ids.subarray(from, from + stride))
      }
      written += packed.ids.length
      filler += packed.filler
    }
    options.onProgress?.(written)
  }
  await buckets.clear()
  return { split: await writer.finish(), filler }
}

async function fill(buckets: Buckets, writer: ShardWriter, options: ArrangeOptions): Promise<void> {
  const { work, blocks, split, size, mix } = options
  let order = 0
  for (const name of blocks) {
    const block = await readTokenBlock(work, name)
    let end = 0
    for (let i = 0; i < block.lengths.length; i++) {
      const ids = block.ids.subarray(end, (end += block.lengths[i]))
      if ((block.aside[i] === 1) !== (split === 'validation')) continue
      const keys =
        mix === undefined
          ? [order++ / size.documents]
          : mixKeys(mix.plan, { document: block.numbers[i], source: block.sources[i], seed: mix.seed })
      for (const key of keys) {
        await buckets.add({ key, ids } satisfies Keyed)
        writer.documents++
        writer.textBytes += block.textBytes[i]
      }
    }
  }
}

/** Tokens of a mixed corpus, about. */
function toldTokens(plan: MixPlan, { bySource }: SplitSize): number {
  return plan.epochs.reduce((sum, stage) => sum + stage.reduce((a, epochs, i) => a + epochs * bySource[i], 0), 0)
}
