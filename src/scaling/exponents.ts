import type { ScalingLaw } from './law.ts'

/** How the best run grows with compute C: N ∝ C^a, D ∝ C^b, and L − E ∝ C^−γ. */
export interface LawExponents {
  /** a = β/(α + β) */
  readonly parametersExponent: number
  /** b = α/(α + β) */
  readonly tokensExponent: number
  /** γ = αβ/(α + β) */
  readonly lossExponent: number
}

/**
 * The exponents that follow from a law.
 *
 * Source: Hoffmann et al. 2022, eq. 4.
 *
 * @example
 * lawExponents({ E: 2, A: 100, B: 100, alpha: 0.25, beta: 0.75 }).parametersExponent // 0.75
 */
export function lawExponents({ alpha, beta }: ScalingLaw): LawExponents {
  const sum = alpha + beta
  return { parametersExponent: beta / sum, tokensExponent: alpha / sum, lossExponent: (alpha * beta) / sum }
}

/**
 * Whether a best run exists for every compute: both terms are there and fall.
 *
 * @example
 * hasOptimum({ E: 2, A: 100, B: 100, alpha: 0.5, beta: -0.1 }) // false
 */
export function hasOptimum({ A, B, alpha, beta }: ScalingLaw): boolean {
  return [A, B, alpha, beta].every((each) => each > 0 && each < Number.POSITIVE_INFINITY)
}
