import type { Random } from '../../base/index.ts'
import type { SamplingOptions } from './options.ts'
import { sampler } from './sampler.ts'

/**
 * Draws one token; the text that penalties look at is empty.
 *
 * @param logits `[V]`
 * @returns an id; at temperature 0 the likeliest, of equals the lowest
 * @throws DataError when every token is forbidden
 * @example
 * sample([0, 2, 1], { temperature: 0 }, random(1)) // 1
 */
export function sample(logits: ArrayLike<number>, options: SamplingOptions, rng: Random): number {
  return sampler(options).next(Float32Array.from(logits), rng.next())
}
