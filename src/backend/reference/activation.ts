// Scalar functions that elementwise chains and the epilogue of matmul share.

export const identity = (x: number): number => x

export const relu = (x: number): number => Math.max(x, 0)

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

const cubic = 0.044715
const slope = Math.sqrt(2 / Math.PI)

/** The tanh form (Hendrycks & Gimpel 2016, §2). */
export function gelu(x: number): number {
  // Far out the cube would leave the range of numbers, long after tanh has become ±1.
  if (Math.abs(x) > 1e3) return relu(x)
  return (x / 2) * (1 + Math.tanh(slope * (x + cubic * x ** 3)))
}

export function geluDerivative(x: number): number {
  if (Math.abs(x) > 1e3) return x > 0 ? 1 : 0
  const t = Math.tanh(slope * (x + cubic * x ** 3))
  return (1 + t) / 2 + (x / 2) * (1 - t * t) * slope * (1 + 3 * cubic * x ** 2)
}

export function silu(x: number): number {
  // x·sigmoid(x), with the limit 0 where exp(-x) is infinite.
  return x === Number.NEGATIVE_INFINITY ? -0 : x * sigmoid(x)
}

export function siluDerivative(x: number): number {
  if (Math.abs(x) > 1e3) return x > 0 ? 1 : 0
  const s = sigmoid(x)
  return s * (1 + x * (1 - s))
}

/** In the order of matmul's `activation` attribute. */
export const activations = [identity, relu, gelu, silu] as const
