/** Coefficients that fit best, and how sure they are. */
export interface LeastSquares {
  readonly coefficients: readonly number[]
  /** Variances and covariances of the coefficients; undefined when no point is left over to tell the noise by. */
  readonly covariance?: readonly (readonly number[])[]
}

/**
 * Fits y ≈ Σ cⱼ xʲ for j from 0 to `degree`, by least squares through the normal equations: for few points, near 0 and of
 * size 1. All points are taken to have the same noise, which the residuals tell.
 */
export function fitPolynomial(x: readonly number[], y: readonly number[], degree: number): LeastSquares {
  const size = degree + 1
  const moment = (power: number) => x.reduce((sum, each) => sum + each ** power, 0)
  const normal = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => moment(i + j)))
  const right = Array.from({ length: size }, (_, i) => x.reduce((sum, each, k) => sum + each ** i * y[k], 0))
  const inverse = inverted(normal)
  const coefficients = inverse.map((row) => row.reduce((sum, each, j) => sum + each * right[j], 0))
  if (x.length <= size) return { coefficients }
  const residuals = x.map((each, k) => y[k] - coefficients.reduce((sum, c, j) => sum + c * each ** j, 0))
  const variance = residuals.reduce((sum, each) => sum + each * each, 0) / (x.length - size)
  return { coefficients, covariance: inverse.map((row) => row.map((each) => each * variance)) }
}

/** The inverse of a symmetric positive matrix, by elimination beside the identity. */
function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))])
  for (let i = 0; i < size; i++) {
    const pivot = rows[i][i]
    rows[i] = rows[i].map((each) => each / pivot)
    for (let k = 0; k < size; k++) {
      if (k === i) continue
      const factor = rows[k][i]
      rows[k] = rows[k].map((each, j) => each - factor * rows[i][j])
    }
  }
  return rows.map((row) => row.slice(size))
}
