import { ConfigError, type Shape } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import type { Operation, Tensor } from '../tensor.ts'
import { convert, less, multiply } from './elementwise.ts'

const shapes: Operation['infer'] = (_, { shape }) => [{ shape: shape as Shape, dtype: 'f32' }]

const uniformOperation = operation({ name: 'random-uniform', attributes: ['seed', 'stream', 'low', 'high'], shapes })
const normalOperation = operation({
  name: 'random-normal',
  attributes: ['seed', 'stream', 'mean', 'deviation'],
  shapes,
})

/** Which random numbers: the same key always gives the same ones. */
export interface RandomKey {
  /** Whole number up to 2⁵³. */
  readonly seed: number
  /** Tells draws of one seed apart; 0 to 2³² − 1. */
  readonly stream: number
  /** `[1]` i32: numbers that are new at each step of a run. */
  readonly step?: Tensor
}

/**
 * Uniform numbers in [low, high). Source of the generator: Salmon et al. 2011 (Philox 4x32-10).
 *
 * @example
 * const key = { seed: 1, stream: 0 }
 * less(randomUniform([2], key), 1) // [1, 1]
 * equal(randomUniform([2], key), randomUniform([2], key)) // [1, 1]
 */
export function randomUniform(shape: Shape, { seed, stream, step }: RandomKey, low = 0, high = 1): Tensor {
  return apply(uniformOperation, [step ?? null], { seed, stream, low, high, shape })[0]
}

/**
 * Normal numbers with the given mean and standard deviation.
 *
 * @example
 * randomNormal([2], { seed: 1, stream: 0 }, 5, 0) // [5, 5]; no deviation from the mean
 */
export function randomNormal(shape: Shape, { seed, stream, step }: RandomKey, mean = 0, deviation = 1): Tensor {
  return apply(normalOperation, [step ?? null], { seed, stream, mean, deviation, shape })[0]
}

/**
 * Sets each element to zero with the given probability and scales the others so that the mean stays.
 * Source: Srivastava et al. 2014.
 *
 * @example
 * max(dropout(ones([100]), 0.5, { seed: 1, stream: 0 })) // 2; what stays is doubled
 */
export function dropout(x: Tensor, probability: number, key: RandomKey): Tensor {
  if (!(probability >= 0 && probability < 1))
    throw new ConfigError(`dropout must be at least 0 and below 1, got ${probability}`)
  if (probability === 0) return x
  // A byte an element: the gradient reads it again.
  const kept = convert(less(probability, randomUniform(x.shape, key)), 'u8')
  return multiply(multiply(x, kept), 1 / (1 - probability))
}
