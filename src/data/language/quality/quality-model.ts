import type { Outline } from '../../index.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { type FeatureSettings, type Features, featuresOf } from './features.ts'
import { logistic } from './logistic.ts'

/**
 * Says how likely a document is one of the good ones, by its words and pairs of words: logistic regression over hashed
 * features. Made by `QualityTrainer` or `readQualityModel`.
 */
export class QualityModel {
  readonly features: FeatureSettings
  /** `[2^bits]` */
  readonly weights: Float32Array
  readonly bias: number
  /** logistic(a · score + b) is the probability. */
  readonly calibration: readonly [a: number, b: number]
  readonly #found: Features = { places: new Uint32Array(0), count: 0 }

  constructor(parts: {
    features: FeatureSettings
    weights: Float32Array
    bias: number
    calibration: readonly [a: number, b: number]
  }) {
    this.features = parts.features
    this.weights = parts.weights
    this.bias = parts.bias
    this.calibration = parts.calibration
  }

  /** From −∞ (bad) to ∞ (good): the sum of the weights of all features over the root of their number, and the bias. */
  score(outline: Outline): number {
    const found = this.#found
    featuresOf(outline, this.features, found)
    return this.bias + sumOf(this.weights, found.places, found.count)
  }

  /**
   * The probability that a document is good, from 0 to 1, among documents like those of the training.
   *
   * Cost: some 10 ns a word.
   */
  probability(outline: Outline): number {
    const [a, b] = this.calibration
    return logistic(a * this.score(outline) + b)
  }

  /** Tells models apart. */
  fingerprint(): string {
    const { bits, pairs, characters } = this.features
    const head = Float64Array.of(bits, pairs ? 1 : 0, characters, this.bias, ...this.calibration)
    return fingerprintOf([head, this.weights])
  }
}

/** Features count by the root of their number: twice as long a document says more, but not twice as much. */
export function sumOf(weights: Float32Array | Float64Array, places: Uint32Array, count: number): number {
  if (count === 0) return 0
  let sum = 0
  for (let i = 0; i < count; i++) sum += weights[places[i]]
  return sum / Math.sqrt(count)
}
