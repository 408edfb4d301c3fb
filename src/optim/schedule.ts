import { ConfigError } from '../base/index.ts'

/** The learning rate at a step (counted from 0) of a run of `steps`. */
export type Schedule = (step: number, steps: number) => number

export interface WarmupOptions {
  /** Steps, or a share of the run when below 1, in which the rate rises from 0 to its peak. */
  readonly warmup?: number
}

export interface FallOptions extends WarmupOptions {
  /** The last rate as a share of the peak. */
  readonly floor?: number
}

/** Rises linearly to `peak`, then goes by `fall` from 1 to 0, which stand for the peak and the floor. Source of the rise: Goyal et al. 2017, §2.2. */
function scheduled(
  name: string,
  peak: number,
  { warmup = 0.02, floor = 0 }: FallOptions,
  fall: (step: number, steps: number, rise: number) => number,
): Schedule {
  if (!(peak >= 0)) throw new ConfigError(`${name}: the peak must be 0 or more, got ${peak}`)
  if (!(warmup >= 0)) throw new ConfigError(`${name}: warmup must be 0 or more, got ${warmup}`)
  if (!(floor >= 0 && floor <= 1)) throw new ConfigError(`${name}: floor must be from 0 to 1, got ${floor}`)
  return (step, steps) => {
    const rise = Math.max(1, Math.round(warmup < 1 ? warmup * steps : warmup))
    if (step < rise) return (peak * (step + 1)) / rise
    return peak * (floor + (1 - floor) * fall(step, steps, rise))
  }
}

/** What is done of the steps from `from` to the end: 1 at the last one. */
function shareDone(step: number, from: number, steps: number): number {
  return Math.min(1, Math.max(0, (step + 1 - from) / Math.max(1, steps - from)))
}

/**
 * Rises linearly to `rate` and stays there.
 *
 * @throws ConfigError when the rate is not above 0 or `warmup` is below it
 *
 * @example
 * constant(1e-3)(50, 100) // 0.001
 */
export function constant(rate: number, options: WarmupOptions = {}): Schedule {
  return scheduled('constant', rate, { warmup: options.warmup }, () => 1)
}

/**
 * Rises linearly to `peak`, then falls in a straight line to `floor · peak` (0 when not given).
 *
 * Source: the shape that came out best for language models: Bergsma et al. 2025 ("Straight to Zero"), §4.
 *
 * @throws ConfigError when the peak is not above 0, `warmup` is below 0 or `floor` is outside 0 to 1
 *
 * @example
 * linear(1e-3, { warmup: 0, floor: 0.5 })(99, 100) // 0.0005
 */
export function linear(peak: number, options: FallOptions = {}): Schedule {
  return scheduled('linear', peak, options, (step, steps, rise) => 1 - shareDone(step, rise, steps))
}

/**
 * Rises linearly to `peak`, then falls to `floor · peak` along half a cosine.
 * Source: Loshchilov & Hutter 2017 (without restarts).
 *
 * @throws ConfigError when the peak is not above 0, `warmup` is below 0 or `floor` is outside 0 to 1
 *
 * @example
 * cosine(1e-3, { warmup: 10 })(9, 100) // 0.001; the last step of warm-up is at the peak
 */
export function cosine(peak: number, { warmup, floor = 0.1 }: FallOptions = {}): Schedule {
  return scheduled('cosine', peak, { warmup, floor }, (step, steps, rise) => {
    return 0.5 * (1 + Math.cos(Math.PI * shareDone(step, rise, steps)))
  })
}

export interface WsdOptions extends FallOptions {
  /** The last share of the run, in which the rate falls. */
  readonly decay?: number
}

/**
 * Warm-up, stable, decay: rises linearly to `peak`, stays there, and falls in the last `decay` of the run (a fifth when not
 * given) to `floor · peak` (0 when not given) as 1 − √x. Until the fall begins nothing depends on where the run ends, so a
 * run can be made longer from there.
 *
 * Source: Hu et al. 2024 (MiniCPM), §4.2; shape of the fall: Hägele et al. 2024, §3.2.
 *
 * @throws ConfigError when the peak is not above 0, `warmup` is below 0, or `floor` or `decay` is outside 0 to 1
 *
 * @example
 * wsd(1e-3)(79, 100) // 0.001; the last step before the fall
 */
export function wsd(peak: number, { decay = 0.2, ...options }: WsdOptions = {}): Schedule {
  if (!(decay >= 0 && decay <= 1)) throw new ConfigError(`wsd: decay must be from 0 to 1, got ${decay}`)
  return scheduled('wsd', peak, options, (step, steps) => {
    return 1 - Math.sqrt(shareDone(step, steps - Math.round(decay * steps), steps))
  })
}
