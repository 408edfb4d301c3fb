import { linear, type Weights } from '../nn/index.ts'
import { type Tensor, tap } from '../tensor/index.ts'
import type { FeatureOptions, LanguageModel } from './model.ts'

/**
 * Scores of every next token.
 *
 * @param ids `[B, T]` i32
 * @returns `[B, T, V]`; softmax over the last axis gives probabilities
 *
 * @example
 * logits(model, stateWeights(model.weights), input('ids', [2, 16], 'i32')).shape // [2, 16, 256]
 */
export function logits(model: LanguageModel, weights: Weights, ids: Tensor, options?: FeatureOptions): Tensor {
  return tap('logits', linear(model.features(weights, ids, options), model.head(weights)))
}
