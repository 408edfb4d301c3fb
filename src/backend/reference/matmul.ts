import { activations } from './activation.ts'
import { absent, type Kernel, read, readOperand, write } from './view.ts'

/**
 * c = activation(op(a)·op(b) + bias) + residual, per batch; `pre` is what goes into the activation.
 * a [batch…, M, K] ([…, K, M] when transposeA), b [batch…, K, N] ([…, N, K] when transposeB), c [batch…, M, N].
 */
export const matmul: Kernel = ([a, b, bias = absent, residual = absent], [c, pre = absent], attributes) => {
  const [transposeA, transposeB, activation, precision] = attributes as number[]
  const [M, N] = c.shape.slice(-2)
  const K = a.shape[a.shape.length - (transposeA ? 2 : 1)]
  const left = readOperand(a, precision)
  const right = readOperand(b, precision)
  const product = new Float64Array(c.elements.length)
  for (let i = 0; i < product.length; i++) {
    const n = i % N
    const m = Math.floor(i / N) % M
    const batch = Math.floor(i / (M * N))
    let sum = 0
    for (let k = 0; k < K; k++) {
      const x = left[batch * M * K + (transposeA ? k * M + m : m * K + k)]
      const y = right[batch * K * N + (transposeB ? n * K + k : k * N + n)]
      sum += x * y
    }
    product[i] = sum
  }
  if (bias !== absent) {
    const values = read(bias)
    for (let i = 0; i < product.length; i++) product[i] += values[i % N]
  }
  if (pre !== absent) write(pre, product)
  // The same numbers come out when the activation is computed later from what was stored.
  const before = pre.dtype === 'f32' ? read(pre) : product
  const result = before.map(activations[activation])
  if (residual !== absent) {
    const values = read(residual)
    for (let i = 0; i < result.length; i++) result[i] += values[i]
  }
  write(c, result)
}
