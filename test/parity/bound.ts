import { absent, read, roundToBf16, type View } from '../../src/backend/reference/index.ts'

// What the derivations of bounds are made of. All are first-order running error bounds (Higham 2002, §3): each
// operation adds half a unit in the last place of its result, errors of operands pass through derivatives.

/** Half a unit in the last place of a number near 1: the relative error of one f32 operation. */
export const u = 2 ** -24

/** The same for bf16. */
export const uBf16 = 2 ** -8

/** The smallest normal f32: results below it may be flushed to zero. */
export const tiny = 2 ** -126

/** Relative error that exp, log, tanh and their like may have: four units in the last place. */
export const elementary = 8 * u

/**
 * Error of a sum of n products, relative to the sum of their magnitudes, in any order of additions, fused or not. For
 * long sums the bound n·u is never met, since roundings go up and down: 8·√n·u holds with a probability of 1 − 10⁻¹³
 * (Higham & Mary 2019, theorem 2.4 with λ = 8).
 */
export function gamma(n: number): number {
  return Math.min(n, 8 * Math.sqrt(n)) * u
}

/** The magnitudes of an operand of a matrix product, rounded as the product rounds them. */
export function operand(view: View, precision: number): Float64Array {
  return precision === 1 ? read(view).map(roundToBf16) : read(view)
}

export function readOr(view: View | undefined, size: number): Float64Array {
  return view === undefined || view === absent ? new Float64Array(size) : read(view)
}

/** Σ |a[i + k]·b[j + k]|, and without the bars. */
export function dots(a: Float64Array, i: number, b: Float64Array, j: number, size: number): [number, number] {
  let sum = 0
  let magnitude = 0
  for (let k = 0; k < size; k++) {
    const product = a[i + k] * b[j + k]
    sum += product
    magnitude += Math.abs(product)
  }
  return [sum, magnitude]
}
