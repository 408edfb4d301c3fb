import type { WeightSpecs, Weights } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import type { DropoutOptions } from './dropout.ts'

export interface FeatureOptions {
  /**
   * `[B, T]` i32: which document of its row each token belongs to; in each row 0 first, and from token to token the same
   * or one more. Tokens see their own document only, and positions begin anew with each. Rows are one text when not given.
   */
  readonly documents?: Tensor
  /** Drops values after the embeddings and at the end of both residual branches; nothing when not given. */
  readonly dropout?: DropoutOptions
  /** What stands before the tokens; without it they begin their text. Goes without documents and dropout. */
  readonly cache?: Cache
}

/** Keys and values of earlier tokens: a model that is given one reads tokens that go on from there. */
export interface Cache {
  /** `[B, T]` i32: where in its text each token stands. */
  readonly positions: Tensor
  /**
   * Causal attention of a layer over all that stands before, and the tokens themselves, which it remembers.
   *
   * @param q `[B, T, H, D]`
   * @param k `[B, T, G, D]`
   * @param v `[B, T, G, D]`
   * @returns `[B, T, H, D]`
   */
  attend(layer: number, q: Tensor, k: Tensor, v: Tensor): Tensor
}

/** The size of what a {@link Cache} remembers of a token: keys and values of `layers` · `keyValueHeads` · `headWidth` numbers. */
export interface CacheSize {
  readonly layers: number
  /** G */
  readonly keyValueHeads: number
  /** D */
  readonly headWidth: number
}

/**
 * A language model: what its weights are, and how features come from token ids. It holds no numbers; the same model is
 * trained, evaluated and sampled with whatever weights are given. Training and inference know models by this alone.
 */
export interface LanguageModel {
  /** The family, as in the `model_type` of a Hugging Face config.json. */
  readonly family: string
  /** What rebuilds the model: the entries of its config.json. */
  readonly config: Readonly<Record<string, unknown>>
  readonly vocabSize: number
  /** The most tokens that it reads at once. */
  readonly context: number
  readonly weights: WeightSpecs
  readonly cacheSize: CacheSize
  /**
   * @param ids `[B, T]` i32, T ≤ context
   * @returns `[B, T, C]`: what the output embedding is multiplied with
   */
  features(weights: Weights, ids: Tensor, options?: FeatureOptions): Tensor
  /** The output embedding `[V, C]`. */
  head(weights: Weights): Tensor
}
