import { ConfigError } from '../base/index.ts'

/**
 * The width and the heads that go with a depth: 64 a layer, heads of 64, in narrow models of 32.
 *
 * @param width another width; the heads follow it
 *
 * @example
 * shapeOf(12) // { width: 768, heads: 12 }
 * shapeOf(2) // { width: 128, heads: 4 }
 */
export function shapeOf(depth: number, width = 64 * depth): { width: number; heads: number } {
  return { width, heads: Math.max(1, Math.round(width / (width < 256 ? 32 : 64))) }
}

/** How a model of some size is to be trained. */
export interface Horizon {
  /** Tokens of the whole run. */
  readonly tokens: number
  /** Tokens of a step. */
  readonly batchTokens: number
  /** Peak learning rate of AdamW. */
  readonly learningRate: number
}

/**
 * How long to train a model, with how many tokens a step, at which rate: `ratio` tokens a parameter are the best use of a
 * budget of FLOPs (Hoffmann et al. 2022, table 3); batch and rate are powers of that budget C = 6 · parameters · tokens
 * (Bi et al. 2024, "DeepSeek LLM", equation 1): 0.292 · C^0.3271 tokens, a power 0.65 of the run's tokens when the ratio
 * stays; 0.3118 · C^−0.125.
 *
 * The laws were fitted from 10^17 to 2·10^19 FLOPs and hold at the 10^23 of the models that came of them. Below, they are
 * an extrapolation: `recipes/first.toml`, tuned by hand at 2·10^13 FLOPs, has 0.7 of their rate and a third of their batch;
 * at depth 1, 4·10^12 FLOPs, their rate ends at a loss of 0.754, a third of it at 0.872, thrice it at 0.822.
 * Nothing else (warm-up, decay, betas) was tuned for other sizes, nor any of it for other optimizers.
 *
 * @param parameters all of them, embeddings too
 *
 * @example
 * horizonOf(124_439_808).tokens // 2488796160
 */
export function horizonOf(parameters: number, ratio = 20): Horizon {
  if (!(parameters > 0 && ratio > 0))
    throw new ConfigError(`horizonOf: parameters and ratio must be above 0, got ${parameters} and ${ratio}`)
  const tokens = Math.ceil(parameters * ratio)
  const flops = 6 * parameters * tokens
  return { tokens, batchTokens: 0.292 * flops ** 0.3271, learningRate: 0.3118 * flops ** -0.125 }
}

export interface BatchesOfStep {
  /** Sequences side by side. */
  readonly batch: number
  /** Batches that make up one step. */
  readonly accumulate: number
}

/** A kernel call is as fast with so many tokens as with more, which take more memory. */
const SIDE_BY_SIDE_TOKENS = 4096

/**
 * A step of about so many tokens: a power of two of sequences, as many of them at once as are of use, the rest one batch
 * after another.
 *
 * @param tokens of a sequence
 * @param given what is decided already
 *
 * @example
 * batchesOf(60_000, 256) // { batch: 16, accumulate: 16 }
 * batchesOf(60_000, 256, { batch: 4 }) // { batch: 4, accumulate: 64 }
 */
export function batchesOf(batchTokens: number, tokens: number, given: Partial<BatchesOfStep> = {}): BatchesOfStep {
  const sequences = 2 ** Math.max(0, Math.round(Math.log2(batchTokens / tokens)))
  const share = (of: number | undefined) => of && Math.max(1, Math.round(sequences / of))
  const atOnce = Math.min(sequences, 2 ** Math.max(0, Math.floor(Math.log2(SIDE_BY_SIDE_TOKENS / tokens))))
  const batch = given.batch ?? share(given.accumulate) ?? atOnce
  return { batch, accumulate: given.accumulate ?? share(batch)! }
}
