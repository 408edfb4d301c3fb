import { matmul, slice, type Tensor } from '../tensor/index.ts'

/** Rows of the product that are computed together, where K is larger than this. */
const STRIP = 256

/**
 * The upper strips of xᵀ·x: strip i is `[S, K − i·S]`, its rows i·S … and their columns from the diagonal's block on. The
 * rest is their mirror image.
 *
 * @param x `[N, K]`
 */
export function gramStrips(x: Tensor): Tensor[] {
  const columns = x.shape[1]
  const width = stripWidth(columns)
  return Array.from({ length: columns / width }, (_, i) =>
    matmul(slice(x, 1, i * width, (i + 1) * width), slice(x, 1, i * width, columns), { transposeA: true }),
  )
}

/** S: at most six strips, so that the saved products outweigh the copies. @example stripWidth(768) // 256 */
export function stripWidth(columns: number): number {
  for (let strips = Math.min(6, Math.floor(columns / STRIP)); strips > 1; strips--)
    if (columns % strips === 0) return columns / strips
  return columns
}

/** `[K, K]` from its upper strips, divided by `tokens`. */
export function fromStrips(strips: readonly Float32Array[], columns: number, tokens: number): Float32Array {
  const whole = new Float32Array(columns * columns)
  const width = columns / strips.length
  for (const [s, strip] of strips.entries()) {
    const first = s * width
    const length = columns - first
    for (let i = 0; i < width; i++) {
      for (let j = i; j < length; j++) {
        const value = strip[i * length + j] / tokens
        whole[(first + i) * columns + first + j] = value
        whole[(first + j) * columns + first + i] = value
      }
    }
  }
  return whole
}
