import { ConfigError, DataError } from '../../base/index.ts'

export type PerplexityBand = 'head' | 'middle' | 'tail'

/** Up to which perplexity a document is in the head, and up to which in the middle. */
export interface PerplexityBands {
  readonly head: number
  readonly middle: number
}

/**
 * Bands of perplexity from a sample of documents: the best third is the head, the next the middle, the rest the tail.
 *
 * @param perplexities of the documents of a sample, by the same model
 * @param shares which shares of the sample are at most in the head, and in head and middle
 * @throws DataError when the sample is empty, ConfigError for shares that do not ascend from 0 to 1
 * Source: Wenzek et al. 2019, "CCNet", §4.
 *
 * @example
 * perplexityBands([5, 1, 2, 4, 3, 6]) // { head: 2, middle: 4 }
 */
export function perplexityBands(
  perplexities: Iterable<number>,
  shares: { readonly head: number; readonly middle: number } = { head: 1 / 3, middle: 2 / 3 },
): PerplexityBands {
  const { head, middle } = shares
  if (!(head > 0 && head <= middle && middle <= 1)) {
    throw new ConfigError(`perplexityBands: shares ${head} and ${middle} must ascend between 0 and 1`)
  }
  const sorted = Float64Array.from(perplexities).sort()
  if (sorted.length === 0 || sorted.some(Number.isNaN)) {
    throw new DataError('perplexityBands: expected figures of at least one document')
  }
  const quantile = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)]
  return { head: quantile(head), middle: quantile(middle) }
}

/** @example bandOf(3, { head: 2, middle: 4 }) // 'middle' */
export function bandOf(perplexity: number, bands: PerplexityBands): PerplexityBand {
  return perplexity <= bands.head ? 'head' : perplexity <= bands.middle ? 'middle' : 'tail'
}
