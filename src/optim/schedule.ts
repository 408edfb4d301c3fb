import { ConfigError } from '../base/index.ts'

/** The learning rate at a step (counted from 0) of a run of `steps`. */
export type Schedule = (step: number, steps: number) => number

/** The same rate throughout. @example constantRate(1e-3)(5, 100) // 0.001 */
export function constantRate(rate: number): Schedule {
  return () => rate
}

export interface CosineOptions {
  /** Steps, or a share of the run when below 1, in which the rate rises from 0 to its peak. */
  readonly warmup?: number
  /** The last rate as a share of the peak. */
  readonly floor?: number
}

/**
 * Rises linearly to `peak`, then falls to `floor · peak` along half a cosine.
 * Source: Loshchilov & Hutter 2017 (without restarts); warm-up: Goyal et al. 2017, §2.2.
 *
 * @example
 * cosine(1e-3, { warmup: 10 })(9, 100) // 0.001; the last step of warm-up is at the peak
 */
export function cosine(peak: number, { warmup = 0.02, floor = 0.1 }: CosineOptions = {}): Schedule {
  if (!(peak > 0)) throw new ConfigError(`cosine: the peak must be above 0, got ${peak}`)
  return (step, steps) => {
    const rise = Math.max(1, Math.round(warmup < 1 ? warmup * steps : warmup))
    if (step < rise) return (peak * (step + 1)) / rise
    const share = Math.min(1, (step + 1 - rise) / Math.max(1, steps - rise))
    return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * share)))
  }
}
