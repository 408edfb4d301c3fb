import type { Differentiable } from './differentiable.ts'
import type { ScalingLaw } from './law.ts'
import type { ScalingPoint } from './scaling-points.ts'

/** The sum over points that a law is fitted by, as a function of five numbers. */
export interface ScalingObjective {
  /** Each point counts `weights[i]` times. */
  weighted(weights: ArrayLike<number>): Differentiable
  /** The five numbers of a law: its terms' logarithms at a point in the middle, then α and β. */
  vectorOf(law: ScalingLaw): Float64Array
  lawOf(vector: ArrayLike<number>): ScalingLaw
}

/**
 * Σ Huber((log L̂ − log L) / δ), where log L̂ = log-sum-exp(a − α·n, b − β·d, e) with n and d the logarithms of N and D.
 * Measured in δ the sum is 1/δ² times that of the source, and has the same minimum. n and d are counted from their means:
 * then A hardly depends on α, nor B on β, and the search does not follow a narrow valley.
 *
 * Source: Hoffmann et al. 2022, eq. 3; Huber 1964.
 */
export function scalingObjective(points: readonly ScalingPoint[], delta: number): ScalingObjective {
  const logarithms = (pick: (point: ScalingPoint) => number) =>
    Float64Array.from(points, (each) => Math.log(pick(each)))
  const n = logarithms(({ parameters }) => parameters)
  const d = logarithms(({ tokens }) => tokens)
  const losses = logarithms(({ lossNats }) => lossNats)
  const middle = (values: Float64Array) => values.reduce((sum, each) => sum + each, 0) / values.length
  const [middleN, middleD] = [middle(n), middle(d)]

  const weighted = (weights: ArrayLike<number>): Differentiable => {
    return ([a, b, e, alpha, beta]) => {
      const gradient = new Float64Array(5)
      let value = 0
      for (let i = 0; i < points.length; i++) {
        if (weights[i] === 0) continue
        const [u, v] = [n[i] - middleN, d[i] - middleD]
        const [x, y] = [a - alpha * u, b - beta * v]
        const most = Math.max(x, y, e)
        const [p, q, r] = [Math.exp(x - most), Math.exp(y - most), Math.exp(e - most)]
        const sum = p + q + r
        const residual = (most + Math.log(sum) - losses[i]) / delta
        const size = Math.abs(residual)
        value += weights[i] * (size <= 1 ? (residual * residual) / 2 : size - 0.5)
        // Huber's slope, times the share of each term in the sum.
        const slope = (weights[i] * Math.max(-1, Math.min(1, residual))) / (delta * sum)
        gradient[0] += slope * p
        gradient[1] += slope * q
        gradient[2] += slope * r
        gradient[3] -= slope * p * u
        gradient[4] -= slope * q * v
      }
      return { value, gradient }
    }
  }
  return {
    weighted,
    vectorOf: ({ E, A, B, alpha, beta }) =>
      Float64Array.of(Math.log(A) - alpha * middleN, Math.log(B) - beta * middleD, Math.log(E), alpha, beta),
    lawOf: ({ 0: a, 1: b, 2: e, 3: alpha, 4: beta }) => ({
      E: Math.exp(e),
      A: Math.exp(a + alpha * middleN),
      B: Math.exp(b + beta * middleD),
      alpha,
      beta,
    }),
  }
}
