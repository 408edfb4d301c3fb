import { ConfigError } from '../base/index.ts'
import {
  add,
  attention,
  broadcastTo,
  constant,
  matmul,
  multiply,
  reshape,
  softmax,
  type Tensor,
  tap,
  transpose,
} from '../tensor/index.ts'

/** `[B, T, H·D]` as `[B, T, H, D]`; a view. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const width = x.shape[x.rank - 1]
  if (width % heads !== 0) throw new ConfigError(`a width of ${width} does not divide into ${heads} heads`)
  return reshape(x, [...x.shape.slice(0, -1), heads, width / heads])
}

/** `[B, T, H, D]` as `[B, T, H·D]`; a view. */
export function mergeHeads(x: Tensor): Tensor {
  return reshape(x, [...x.shape.slice(0, -2), -1])
}

/**
 * Causal self-attention with a tap `weights` on its probabilities `[B, H, T, T]`. They exist only when someone asks for
 * them; when they are replaced, the result is made from the replacement.
 *
 * @param q `[B, T, H, D]`
 * @param k `[B, T, G, D]`
 * @param v `[B, T, G, D]`
 * @returns `[B, T, H, D]`
 */
export function causalAttention(q: Tensor, k: Tensor, v: Tensor): Tensor {
  const replaced = tap('weights', () => attentionWeights(q, k))
  if (replaced === undefined) return attention(q, k, v, { causal: true })
  const [, , heads] = q.shape
  const values = transpose(repeatGroups(v, heads), [0, 2, 1, 3]) // [B, H, T, D]
  return transpose(matmul(replaced, values), [0, 2, 1, 3]) // [B, T, H, D]
}

/** The probabilities of causal attention, written out: `[B, H, T, T]`, rows sum to 1, zeros after the diagonal. */
export function attentionWeights(q: Tensor, k: Tensor): Tensor {
  const [, tokens, heads, width] = q.shape
  const queries = transpose(q, [0, 2, 1, 3]) // [B, H, T, D]
  const keys = transpose(repeatGroups(k, heads), [0, 2, 1, 3]) // [B, H, T, D]
  const scores = multiply(matmul(queries, keys, { transposeB: true }), 1 / Math.sqrt(width)) // [B, H, T, T]
  const mask = Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e30 : 0))
  return softmax(add(scores, constant(mask, [tokens, tokens])))
}

/** Every key/value head once for each query head that reads it: `[B, T, G, D]` to `[B, T, H, D]`. */
function repeatGroups(x: Tensor, heads: number): Tensor {
  const [batch, tokens, groups, width] = x.shape
  if (groups === heads) return x
  const repeated = broadcastTo(reshape(x, [batch, tokens, groups, 1, width]), [
    batch,
    tokens,
    groups,
    heads / groups,
    width,
  ])
  return reshape(repeated, [batch, tokens, heads, width])
}
