import { absent, type Kernel, read, readOperand, type View, write } from './view.ts'

// With precision = 1 the stored operands q, k, v and dout are rounded to bf16 for their products. Softmax weights and
// score gradients stay exact here; a backend may round them to bf16 too, where they are operands of a product.

/** Sizes, and who sees whom, shared by forward and backward. */
function plan(q: View, k: View, documents: View, lengths: View, causal: number) {
  const [B, T, H, D] = q.shape
  const [, S, G] = k.shape
  const document = documents === absent ? null : read(documents) // [B, T]
  const length = lengths === absent ? null : read(lengths) // [B]
  const sees = (b: number, t: number, s: number): boolean =>
    (!causal || s <= t + S - T) &&
    (document === null || document[b * T + t] === document[b * T + s]) &&
    (length === null || s < length[b])
  return { B, T, H, D, S, G, sees }
}

/** q [B, T, H, D], k, v [B, S, G, D] → out [B, T, H, D], lse [B, H, T]. Source: Vaswani 2017, §3.2.1. */
export const attention: Kernel = ([q, k, v, documents = absent, lengths = absent], [out, lse], attributes) => {
  const [causal, scale, precision] = attributes as number[]
  const { B, T, H, D, S, G, sees } = plan(q, k, documents, lengths, causal)
  const queries = readOperand(q, precision)
  const keys = readOperand(k, precision)
  const contents = readOperand(v, precision)
  const result = new Float64Array(B * T * H * D)
  const logTotals = new Float64Array(B * H * T)
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const g = Math.floor((h * G) / H)
      for (let t = 0; t < T; t++) {
        const query = ((b * T + t) * H + h) * D
        const scores = new Float64Array(S).fill(Number.NEGATIVE_INFINITY)
        for (let s = 0; s < S; s++) {
          if (!sees(b, t, s)) continue
          scores[s] = scale * dot(queries, query, keys, ((b * S + s) * G + g) * D, D)
        }
        const logTotal = logSumExp(scores)
        logTotals[(b * H + h) * T + t] = logTotal
        for (let s = 0; s < S; s++) {
          if (scores[s] === Number.NEGATIVE_INFINITY) continue
          const weight = Math.exp(scores[s] - logTotal)
          for (let d = 0; d < D; d++) result[query + d] += weight * contents[((b * S + s) * G + g) * D + d]
        }
      }
    }
  }
  write(out, result)
  write(lse, logTotals)
}

/** q, k, v, out, lse, dout → dq, dk, dv. Source: Dao 2022 (FlashAttention), appendix B.2. */
export const attentionBackward: Kernel = (inputs, [dq, dk, dv], attributes) => {
  const [q, k, v, out, lse, dout, documents = absent, lengths = absent] = inputs
  const [causal, scale, precision] = attributes as number[]
  const { B, T, H, D, S, G, sees } = plan(q, k, documents, lengths, causal)
  const queries = readOperand(q, precision)
  const keys = readOperand(k, precision)
  const contents = readOperand(v, precision)
  const gradient = readOperand(dout, precision)
  const [results, exactGradient, logTotals] = [read(out), read(dout), read(lse)]
  const queryGradient = new Float64Array(B * T * H * D)
  const keyGradient = new Float64Array(B * S * G * D)
  const contentGradient = new Float64Array(B * S * G * D)
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      const g = Math.floor((h * G) / H)
      for (let t = 0; t < T; t++) {
        const query = ((b * T + t) * H + h) * D
        const logTotal = logTotals[(b * H + h) * T + t]
        const mean = dot(exactGradient, query, results, query, D) // Σ over s of weight·dweight
        for (let s = 0; s < S; s++) {
          if (!sees(b, t, s)) continue
          const key = ((b * S + s) * G + g) * D
          const weight = Math.exp(scale * dot(queries, query, keys, key, D) - logTotal)
          const dweight = dot(gradient, query, contents, key, D)
          const dscore = scale * weight * (dweight - mean)
          for (let d = 0; d < D; d++) {
            queryGradient[query + d] += dscore * keys[key + d]
            keyGradient[key + d] += dscore * queries[query + d]
            contentGradient[key + d] += weight * gradient[query + d]
          }
        }
      }
    }
  }
  write(dq, queryGradient)
  write(dk, keyGradient)
  write(dv, contentGradient)
}

/** Σ a[i]·b[j] over `size` elements from i and from j. */
function dot(a: Float64Array, i: number, b: Float64Array, j: number, size: number): number {
  let sum = 0
  for (let d = 0; d < size; d++) sum += a[i + d] * b[j + d]
  return sum
}

/** ln Σ exp(score); −∞ when every score is −∞. */
function logSumExp(scores: Float64Array): number {
  const greatest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (greatest === Number.NEGATIVE_INFINITY) return greatest
  let total = 0
  for (const score of scores) total += Math.exp(score - greatest)
  return greatest + Math.log(total)
}
