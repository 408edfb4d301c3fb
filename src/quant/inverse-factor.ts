import { AlippeError } from '../base/index.ts'
import { partOf, putPart } from './matrix-parts.ts'
import type { Products } from './products.ts'

/** Up to this size a matrix is factored in plain loops, in double precision. */
const LEAF = 128

/**
 * The inverse of the Cholesky factor: L⁻¹ with h = L·Lᵀ. Halves the matrix again and again, so that all but small blocks on
 * the diagonal is matrix products of a few shapes:
 * L₂₁ = h₂₁·L₁₁⁻ᵀ, then L₂₂ of h₂₂ − L₂₁·L₂₁ᵀ, and (L⁻¹)₂₁ = −L₂₂⁻¹·L₂₁·L₁₁⁻¹.
 *
 * @param h `[size, size]`, symmetric, positive definite; its lower half is read
 * @returns `[size, size]`, lower triangular
 * @throws AlippeError with code ALIPPE_NOT_POSITIVE when it is not positive definite to f32
 * Cost: 4/3·size³ FLOPs.
 * Source: Golub & Van Loan 2013, §4.2.9 (recursive block Cholesky).
 */
export async function inverseFactor(h: Float32Array, size: number, products: Products): Promise<Float32Array> {
  if (size <= LEAF) return smallInverseFactor(h, size)
  const top = Math.ceil(size / 2)
  const rest = size - top
  const inverse11 = await inverseFactor(partOf(h, size, [0, 0], [top, top]), top, products)
  const h21 = partOf(h, size, [top, 0], [rest, top])
  const l21 = await products.multiply(h21, inverse11, { m: rest, k: top, n: top, transposeB: true })
  const square = await products.multiply(l21, l21, { m: rest, k: top, n: rest, transposeB: true })
  const schur = partOf(h, size, [top, top], [rest, rest])
  for (let i = 0; i < schur.length; i++) schur[i] -= square[i]
  const inverse22 = await inverseFactor(schur, rest, products)
  const below = await products.multiply(l21, inverse11, { m: rest, k: top, n: top })
  const inverse21 = await products.multiply(inverse22, below, { m: rest, k: rest, n: top })

  const result = new Float32Array(size * size)
  putPart(inverse11, top, result, size, [0, 0])
  putPart(
    inverse21.map((value) => -value),
    top,
    result,
    size,
    [top, 0],
  )
  putPart(inverse22, rest, result, size, [top, top])
  return result
}

function smallInverseFactor(h: Float32Array, size: number): Float32Array {
  const l = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let value = h[i * size + j]
      for (let k = 0; k < j; k++) value -= l[i * size + k] * l[j * size + k]
      if (i > j) l[i * size + j] = value / l[j * size + j]
      else if (value > 0) l[i * size + i] = Math.sqrt(value)
      else throw notPositive(value)
    }
  }
  const inverse = new Float32Array(size * size)
  const column = new Float64Array(size)
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let value = i === j ? 1 : 0
      for (let k = j; k < i; k++) value -= l[i * size + k] * column[k]
      column[i] = value / l[i * size + i]
      inverse[i * size + j] = column[i]
    }
  }
  return inverse
}

function notPositive(pivot: number): AlippeError {
  return new AlippeError(
    'ALIPPE_NOT_POSITIVE',
    `the statistics of a layer's inputs are not positive definite (a pivot is ${pivot}): raise the damping, or calibrate with more tokens`,
  )
}
