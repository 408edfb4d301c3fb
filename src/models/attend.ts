import { ConfigError } from '../base/index.ts'
import { causalAttention } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import type { FeatureOptions } from './model.ts'

/** Causal attention of one layer: q `[B, T, H, D]`, k and v `[B, T, G, D]` to `[B, T, H, D]`. */
export type Attend = (q: Tensor, k: Tensor, v: Tensor) => Tensor

/** What the tokens of a layer see: those of their row before them, and with a cache what stood before. */
export function attentionOf(layer: number, { documents, cache }: FeatureOptions): Attend {
  if (cache === undefined) return (q, k, v) => causalAttention(q, k, v, documents)
  if (documents !== undefined) throw new ConfigError('features: documents and a cache cannot be given together')
  return (q, k, v) => cache.attend(layer, q, k, v)
}
