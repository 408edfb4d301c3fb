/** How many losses a spike is judged by. */
export const SPIKE_WINDOW = 64

/**
 * The least deviation that losses are taken to have, nats. A model that has learned its text by heart hardly varies, and
 * then a thousandth of a nat is no news.
 */
const LEAST_DEVIATION = 0.01

/** The median of absolute deviations of normal noise is its standard deviation divided by this. */
const MAD_TO_DEVIATION = 1.4826

/** A loss that is out of the ordinary, beside what is ordinary. */
export interface Spike {
  readonly lossNats: number
  /** Of the recent losses. */
  readonly medianNats: number
  /** How many robust standard deviations the loss lies above the median; infinite when it is no number. */
  readonly deviations: number
}

/**
 * Looks whether a loss lies far above the recent ones: more than `threshold` robust standard deviations above their
 * median, where the deviation is 1.4826 times the median absolute deviation, and at least 0.01 nats. Neither moves much
 * when some of the recent losses were spikes themselves, or when the loss falls steadily. Losses that are no finite
 * numbers are always spikes; others only when {@link SPIKE_WINDOW} losses are known.
 *
 * @param recent losses of the steps before, nats; the last {@link SPIKE_WINDOW} count
 * @param threshold 15 leaves ordinary noise alone: in runs of tiny models with batches of two rows the farthest of thousands
 *   of losses lay 9 deviations away
 * @returns undefined when the loss is nothing special
 *
 * Source: median and MAD as robust location and scale: Rousseeuw & Croux 1993, §1; spikes of the loss and going back behind
 * the batches that came with them: Chowdhery et al. 2022 (PaLM), §5.1.
 *
 * @example
 * const recent = Array.from({ length: 64 }, (_, i) => 2 + 0.05 * Math.sin(i))
 * spikeIn(recent, 2.1, 15) // undefined
 * spikeIn(recent, 4, 15).deviations > 15 // true
 */
export function spikeIn(recent: readonly number[], lossNats: number, threshold: number): Spike | undefined {
  const window = recent.slice(-SPIKE_WINDOW)
  const medianNats = median(window)
  if (!Number.isFinite(lossNats)) return { lossNats, medianNats, deviations: Number.POSITIVE_INFINITY }
  if (window.length < SPIKE_WINDOW) return undefined
  const spread = MAD_TO_DEVIATION * median(window.map((loss) => Math.abs(loss - medianNats)))
  const deviations = (lossNats - medianNats) / Math.max(spread, LEAST_DEVIATION)
  return deviations > threshold ? { lossNats, medianNats, deviations } : undefined
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
