import { type DType, isPacked } from '../../base/index.ts'
import { activations } from './activation.ts'
import { absent, type Kernel, read, write } from './view.ts'

/** Elements of x that are rounded together. */
const BLOCK = 32
/** A block whose greatest magnitude is below counts as zeros. */
const LEAST = 2 ** -100

/** Whether a packing holds integers, so that x is rounded to bytes for it. */
export function roundsX(dtype: DType): boolean {
  return isPacked(dtype) && dtype !== 'f8e4m3' && dtype !== 'f8e5m2' && dtype !== 'nf4'
}

/**
 * x `[M, K]` as products with integers see it: in blocks of 32, whole multiples, −127 … 127, of (greatest |x|)/127, each the
 * nearest, of two as near the even one. A block that holds an infinity or a NaN becomes NaN.
 */
export function roundToBytes(x: Float64Array): Float64Array {
  const result = new Float64Array(x.length)
  for (let at = 0; at < x.length; at += BLOCK) {
    const block = x.subarray(at, at + BLOCK).map(Math.fround)
    const greatest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0) // NaN when one is
    if (greatest < LEAST) continue
    // All in f32, so that every backend gets the same codes.
    const scale = Number.isFinite(greatest) ? Math.fround(greatest / 127) : Number.NaN
    const inverse = Math.fround(127 / greatest)
    block.forEach((value, i) => {
      result[at + i] = scale * nearestEven(Math.fround(value * inverse))
    })
  }
  return result
}

const nearestEven = (value: number) => value + 0x18000000000000 - 0x18000000000000

/** c `[M, N]` = activation(x·wᵀ + bias) + residual; x `[M, K]`, w `[N, K]` packed. */
export const packedMatmul: Kernel = ([x, w, bias = absent, residual = absent], [c], [activation]) => {
  const [M, N] = c.shape
  const K = x.shape[1]
  const left = roundsX(w.dtype as DType) ? roundToBytes(read(x)) : read(x)
  const right = read(w)
  const biases = bias === absent ? new Float64Array(N) : read(bias)
  const residuals = residual === absent ? new Float64Array(M * N) : read(residual)
  const result = new Float64Array(M * N)
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = 0
      for (let k = 0; k < K; k++) sum += left[m * K + k] * right[n * K + k]
      result[m * N + n] = activations[activation as number](sum + biases[n]) + residuals[m * N + n]
    }
  }
  write(c, result)
}
