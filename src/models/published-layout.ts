import type { WeightSpecs } from '../nn/index.ts'
import type { LanguageModel } from './model.ts'

/** How the weights of a family are named in the files that people publish. */
export interface PublishedLayout {
  /** What may stand before each name: the model is a part of a larger one there. */
  readonly prefix: string
  /** What files hold beside the weights, without the prefix: it follows from the config, and is not read. */
  readonly buffers: RegExp
  /** Tensors that are weights once more unless a model has them itself, without the prefix: a file may hold them, with the same numbers. */
  readonly copies: Readonly<Record<string, string>>
  /** The config.json that `transformers` would write. */
  config(model: LanguageModel): Readonly<Record<string, unknown>>
}

/** What a tensor of a published file is to a model: one of its weights, or that weight once more. */
export interface PublishedTensor {
  readonly weight: string
  readonly isCopy: boolean
}

/**
 * What a tensor is, by its name in a file; undefined for a buffer.
 *
 * @param weights those of the model
 *
 * @example
 * publishedTensor(publishedLayout('gpt2'), 'transformer.h.0.ln_1.bias') // { weight: 'h.0.ln_1.bias', isCopy: false }
 * publishedTensor(publishedLayout('gpt2'), 'lm_head.weight') // { weight: 'wte.weight', isCopy: true }
 */
export function publishedTensor(
  layout: PublishedLayout,
  name: string,
  weights: WeightSpecs = {},
): PublishedTensor | undefined {
  const { prefix, buffers, copies } = layout
  const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name
  if (buffers.test(bare)) return undefined
  const isCopy = Object.hasOwn(copies, bare) && !Object.hasOwn(weights, bare)
  return { weight: isCopy ? copies[bare] : bare, isCopy }
}
