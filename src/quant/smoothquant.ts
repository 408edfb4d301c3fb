import type { ChannelFactors } from './awq.ts'
import type { InputStatistics } from './calibrate.ts'

/**
 * Factors of input channels that share the outliers of inputs with the weights: max|x|^α / max|w|^(1−α). Inputs are divided by
 * them, so that they can be rounded to 8 bits too.
 *
 * @param weights `[N, K]`
 * @param strength α: 0.5 when not given
 * Source: Xiao et al. 2022, equation 4.
 */
export function smoothFactors(weights: Float32Array, { greatest }: InputStatistics, strength = 0.5): ChannelFactors {
  const columns = greatest.length
  const largest = new Float32Array(columns)
  for (let i = 0; i < weights.length; i++) {
    const j = i % columns
    largest[j] = Math.max(largest[j], Math.abs(weights[i]))
  }
  // A channel of zeros, on either side, stays as it is.
  const factors = greatest.map((x, j) =>
    x > 0 && largest[j] > 0 ? Math.max(x ** strength / largest[j] ** (1 - strength), 1e-5) : 1,
  )
  return { factors, exponent: strength }
}
