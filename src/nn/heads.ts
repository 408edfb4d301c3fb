import { ConfigError } from '../base/index.ts'
import {
  add,
  attention,
  broadcastTo,
  constant,
  equal,
  matmul,
  multiply,
  reshape,
  softmax,
  type Tensor,
  tap,
  transpose,
  where,
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
 * @param documents `[B, T]` i32: tokens see each other only within the same document; rows are one text when not given
 * @returns `[B, T, H, D]`
 */
export function causalAttention(q: Tensor, k: Tensor, v: Tensor, documents?: Tensor): Tensor {
  const replaced = tap('weights', () => attentionWeights(q, k, documents))
  if (replaced === undefined) return attention(q, k, v, { causal: true, documents })
  const [, , heads] = q.shape
  const values = transpose(repeatGroups(v, heads), [0, 2, 1, 3]) // [B, H, T, D]
  return transpose(matmul(replaced, values), [0, 2, 1, 3]) // [B, T, H, D]
}

/**
 * The probabilities of causal attention, written out: `[B, H, T, T]`, rows sum to 1, zeros after the diagonal and, with
 * `documents` `[B, T]`, at keys of other documents.
 */
export function attentionWeights(q: Tensor, k: Tensor, documents?: Tensor): Tensor {
  const [batch, tokens, heads, width] = q.shape
  const queries = transpose(q, [0, 2, 1, 3]) // [B, H, T, D]
  const keys = transpose(repeatGroups(k, heads), [0, 2, 1, 3]) // [B, H, T, D]
  const scores = multiply(matmul(queries, keys, { transposeB: true }), 1 / Math.sqrt(width)) // [B, H, T, T]
  const mask = Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e30 : 0))
  const causal = add(scores, constant(mask, [tokens, tokens]))
  if (documents === undefined) return softmax(causal)
  const same = equal(reshape(documents, [batch, 1, tokens, 1]), reshape(documents, [batch, 1, 1, tokens])) // [B, 1, T, T]
  return softmax(where(same, causal, -1e30))
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
