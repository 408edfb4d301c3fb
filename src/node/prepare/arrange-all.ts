import { DataError } from '../../base/index.ts'
import { type Amount, planMix, type ShardIndex, type ShardSplit, sha256 } from '../../data/index.ts'
import {
  cutParcels,
  measureBlocks,
  type ParcelOptions,
  type PrepareReport,
  readTokenBlockHead,
  type Split,
  type SplitReport,
  type SplitSize,
  type TokenBlockHead,
  tokenBytesOf,
} from '../../data/prepare/index.ts'
import type { Tokenizer } from '../../tokenizers/index.ts'
import { separatorOf } from './learn-tokenizer.ts'
import type { PackTask, Workplace } from './tasks.ts'

const defaultShardTokens = 1 << 22

export interface ArrangeAllOptions {
  /** Names of token blocks, in order. */
  readonly blocks: readonly string[]
  readonly tokenizer: Tokenizer
  readonly sources: readonly string[]
  /** Folder of the shards. */
  readonly output: string
  readonly key: string
  /** What the user named, to describe the set. */
  readonly names: readonly string[]
}

/**
 * Mixes, shuffles and packs the token blocks into shards, by as many workers as there are. The index is returned, for it has to
 * be written last, and what was encoded.
 */
export async function arrangeAll(
  { recipe, folder, pool, progress }: Workplace,
  { blocks, tokenizer, sources, output, key, names }: ArrangeAllOptions,
): Promise<{ index: ShardIndex; summary: Pick<PrepareReport, 'sources' | 'train' | 'validation'>; encoded: Amount }> {
  const { seed = 1, rowTokens, shardTokens = defaultShardTokens } = recipe
  const heads: TokenBlockHead[] = []
  for (const name of blocks) heads.push(await readTokenBlockHead(folder, name))
  const sizes = measureBlocks(heads, sources.length)
  if (sizes.train.tokens === 0) {
    throw new DataError('prepare: all documents are set aside for validation; set a smaller share aside')
  }
  const separator = separatorOf(tokenizer, recipe.tokenizer?.separator)
  const plan = planMix(Object.fromEntries(sources.map((source, i) => [source, sizes.train.bySource[i]])), recipe.mix)
  const tokenBytes = tokenBytesOf(tokenizer)

  async function arranged(split: Split, mix?: ParcelOptions['mix']): Promise<Arranged> {
    const { parcels, documents, textBytes } = cutParcels(heads, { split, size: sizes[split], mix, shardTokens })
    const fileOf = (number: number) => `${split}-${String(number).padStart(5, '0')}.bin`
    const tasks = parcels.map((parcel, number): PackTask => {
      const pack = { separator, rowTokens, seed, number }
      return { kind: 'pack', number, parcel, pack, blocks, tokenBytes, output, file: fileOf(number) }
    })
    const shards: { file: string; tokens: number }[] = []
    let filler = 0
    let done = 0
    for await (const { number, tokens = 0, filler: own = 0 } of pool.run(tasks)) {
      shards[number] = { file: fileOf(number), tokens }
      filler += own
      progress('arrange', ++done / tasks.length)
    }
    const tokens = shards.reduce((sum, shard) => sum + shard.tokens, 0)
    return { split: { documents, textBytes, tokens, shards }, filler }
  }

  const train = await arranged('train', { plan, seed })
  const validation = sizes.validation.documents > 0 ? await arranged('validation') : undefined
  const index: ShardIndex = {
    format: 'alippe-shards',
    version: 1,
    tokenizer: await sha256(tokenizer.definition()),
    source: names.join(', '),
    key,
    vocabSize: tokenizer.vocabSize,
    tokenBytes,
    separator,
    ...(rowTokens !== undefined && { rowTokens: rowTokens + 1 }),
    ...(plan.epochs.length > 1 && { ordered: true }),
    splits: { train: train.split, ...(validation && { validation: validation.split }) },
  }
  const epochs = (i: number) => plan.epochs.reduce((sum, stage) => sum + stage[i], 0)
  const bySource = sources.map((source, i) => [source, { tokens: sizes.train.bySource[i], epochs: epochs(i) }])
  return {
    index,
    encoded: amountOf(sizes),
    summary: {
      sources: Object.fromEntries(bySource),
      train: splitReport(train),
      ...(validation && { validation: splitReport(validation) }),
    },
  }
}

interface Arranged {
  readonly split: ShardSplit
  readonly filler: number
}

function amountOf({ train, validation }: Record<Split, SplitSize>): Amount {
  return {
    documents: train.documents + validation.documents,
    bytes: train.textBytes + validation.textBytes,
  }
}

function splitReport({ split, filler }: Arranged): SplitReport {
  const { documents, tokens, textBytes } = split
  return { documents, tokens, textBytes, filler }
}
