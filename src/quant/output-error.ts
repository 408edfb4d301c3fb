import type { Products } from './products.ts'

/**
 * The mean squared error of a layer's output when its weights are off by `difference`: tr(D·H·Dᵀ).
 *
 * @param difference `[N, K]`
 * @param hessian `[K, K]`: the mean of xᵀ·x over the layer's inputs
 * @returns Σ over the N outputs of the mean of their squared errors
 * Cost: 2·N·K² FLOPs.
 * Source: Frantar et al. 2022, §3.1.
 */
export async function outputError(
  difference: Float32Array,
  hessian: Float32Array,
  products: Products,
): Promise<number> {
  const columns = Math.sqrt(hessian.length)
  const rows = difference.length / columns
  const product = await products.multiply(difference, hessian, { m: rows, k: columns, n: columns })
  let total = 0
  for (let i = 0; i < product.length; i++) total += product[i] * difference[i]
  return Math.max(0, total)
}

/** Σ x². */
export function squared(values: Float32Array): number {
  let total = 0
  for (const value of values) total += value * value
  return total
}

/** a − b */
export function difference(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value - b[i])
}
