/** A fitted number and how sure it is. */
export interface Estimate {
  readonly value: number
  /** Standard deviation over the resamples. */
  readonly standardError: number
  /** From the percentiles of the resamples. */
  readonly interval: readonly [low: number, high: number]
}

/**
 * A number with the spread of what resamples gave in its place.
 *
 * @param confidence share of the resamples that the interval holds
 * Source: Efron 1979; percentile intervals: Efron & Tibshirani 1993, §13.3.
 *
 * @example
 * estimateOf(2, [1, 2, 3], 0.5) // { value: 2, standardError: 1, interval: [1.5, 2.5] }
 */
export function estimateOf(value: number, resampled: readonly number[], confidence: number): Estimate {
  const sorted = resampled.toSorted((a, b) => a - b)
  const quantile = (share: number) => {
    const at = share * (sorted.length - 1)
    const low = sorted[Math.floor(at)]
    return low + (at - Math.floor(at)) * (sorted[Math.ceil(at)] - low)
  }
  const mean = sorted.reduce((sum, each) => sum + each / sorted.length, 0)
  const variance = sorted.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (sorted.length - 1)
  const tail = (1 - confidence) / 2
  return { value, standardError: Math.sqrt(variance), interval: [quantile(tail), quantile(1 - tail)] }
}
