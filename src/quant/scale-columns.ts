/** The columns of `[N, K]`, each times its factor. */
export function scaleColumns(values: Float32Array, factors: ArrayLike<number>): Float32Array {
  const columns = factors.length
  const result = new Float32Array(values.length)
  for (let at = 0; at < values.length; at += columns)
    for (let j = 0; j < columns; j++) result[at + j] = values[at + j] * factors[j]
  return result
}

/** The mean of xᵀ·x when each channel of x is divided by its factor. */
export function scaledHessian(hessian: Float32Array, factors: ArrayLike<number>): Float32Array {
  const size = factors.length
  const result = new Float32Array(hessian.length)
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) result[i * size + j] = hessian[i * size + j] / (factors[i] * factors[j])
  return result
}
