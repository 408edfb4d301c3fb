import { DataError } from '../../base/index.ts'
import { type Amount, type Folder, type MixPlan, planMix, type ShardIndex, sha256 } from '../../data/index.ts'
import {
  type Arranged,
  arrange,
  measureBlocks,
  type PrepareReport,
  type Split,
  type SplitReport,
  tokenBytesOf,
} from '../../data/prepare/index.ts'
import type { Tokenizer } from '../../tokenizers/index.ts'
import { separatorOf } from './learn-tokenizer.ts'
import type { Workplace } from './tasks.ts'

/** Ids that are held in memory while documents are arranged. */
const bucketTokens = 1 << 24
const defaultShardTokens = 1 << 22

export interface ArrangeAllOptions {
  /** Names of token blocks, in order. */
  readonly blocks: readonly string[]
  readonly tokenizer: Tokenizer
  readonly sources: readonly string[]
  readonly out: Folder
  readonly key: string
  /** What the user named, to describe the set. */
  readonly names: readonly string[]
}

/**
 * Mixes, shuffles and packs the token blocks into shards. The index is returned, for it has to be written last, and what
 * was encoded.
 */
export async function arrangeAll(
  { recipe, folder, progress }: Workplace,
  { blocks, tokenizer, sources, out, key, names }: ArrangeAllOptions,
): Promise<{ index: ShardIndex; summary: Pick<PrepareReport, 'sources' | 'train' | 'validation'>; encoded: Amount }> {
  const { seed = 1, rowTokens, shardTokens = defaultShardTokens } = recipe
  const sizes = await measureBlocks(folder, blocks, sources.length)
  if (sizes.train.tokens === 0) {
    throw new DataError('prepare: all documents are set aside for validation; set a smaller share aside')
  }
  const separator = separatorOf(tokenizer, recipe.tokenizer?.separator)
  const plan = planMix(Object.fromEntries(sources.map((source, i) => [source, sizes.train.bySource[i]])), recipe.mix)
  const tokenBytes = tokenBytesOf(tokenizer)
  const common = { work: folder, blocks, output: out, tokenBytes, shardTokens, separator, rowTokens, bucketTokens }
  const arranged = async (split: Split, mix?: { plan: MixPlan; seed: number }): Promise<Arranged> =>
    arrange({
      ...common,
      split,
      size: sizes[split],
      mix,
      onProgress: (tokens) => progress('arrange', Math.min(1, tokens / (sizes[split].tokens + 1))),
    })
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
    splits: { train: train.split, ...(validation && { validation: validation.split }) },
  }
  const epochs = (i: number) => plan.epochs.reduce((sum, stage) => sum + stage[i], 0)
  const bySource = sources.map((source, i) => [source, { tokens: sizes.train.bySource[i], epochs: epochs(i) }])
  const { train: told, validation: aside } = sizes
  return {
    index,
    encoded: { documents: told.documents + aside.documents, bytes: told.textBytes + aside.textBytes },
    summary: {
      sources: Object.fromEntries(bySource),
      train: splitReport(train),
      ...(validation && { validation: splitReport(validation) }),
    },
  }
}

function splitReport({ split, filler }: Arranged): SplitReport {
  const { documents, tokens, textBytes } = split
  return { documents, tokens, textBytes, filler }
}
