import { describe, expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { lawExponents } from './exponents.ts'
import { fitIsoFlop } from './fit-iso-flop.ts'
import { lossOf, publishedLaws, type ScalingLaw, trainingFlops } from './law.ts'
import { fitPolynomial } from './least-squares.ts'
import { planCompute } from './plan-compute.ts'
import type { ScalingPoint } from './scaling-points.ts'

/** Runs of a budget whose sizes are the best one times `shares`. */
function runs(law: ScalingLaw, flops: number, shares: readonly number[]): ScalingPoint[] {
  const best = planCompute(law, { flops })
  return shares.map((share) => {
    const [parameters, tokens] = [best.parameters * share, best.tokens / share]
    return { parameters, tokens, lossNats: lossOf(law, parameters, tokens) }
  })
}

const budgets = [1e18, 1e19, 1e20, 1e21]
const laws = Object.entries(publishedLaws).map(([name, { law }]) => [name, law] as const)

describe('fitIsoFlop', () => {
  it.each(laws)('has its minima where the closed form of %s says', (_, law) => {
    const half = Math.log(2)
    const shares = [-1, -0.5, 0, 0.5, 1].map((at) => Math.exp(at * half))
    const { curves, parameters, tokens } = fitIsoFlop(budgets.flatMap((flops) => runs(law, flops, shares)).reverse())
    expect(curves).toHaveLength(budgets.length)
    /*
     * With x = ln(N/N*) the loss is k·(e^−αx/α + e^βx/β) + E for one k: k·(α + β)/2·x² + k·(β² − α²)/6·x³ + … A parabola
     * over places that lie alike on both sides takes the cubic for a slope of m₄/m₂ times its factor, so that its minimum
     * is off by −(β − α)/6 · m₄/m₂. What is left is of the fifth order.
     */
    const moment = (power: number) => shares.reduce((sum, share) => sum + Math.log(share) ** power, 0)
    const off = (-(law.beta - law.alpha) / 6) * (moment(4) / moment(2))
    for (const [i, { flops, minimum }] of curves.entries()) {
      expect(flops / budgets[i]).toBeCloseTo(1, 9)
      const best = planCompute(law, { flops: budgets[i] })
      const found = Math.log(minimum!.parameters / best.parameters)
      expect(Math.abs(found - off), `off by ${found}, ${off} foretold`).toBeLessThan(1e-6)
      expect(trainingFlops(minimum!.parameters, minimum!.tokens) / flops).toBeCloseTo(1, 9)
      expect(Math.abs(minimum!.lossNats - best.lossNats)).toBeLessThan(2e-4)
    }
    // The same for all budgets, so the exponents are not touched.
    const { parametersExponent, tokensExponent } = lawExponents(law)
    expect(parameters!.exponent).toBeCloseTo(parametersExponent, 5)
    expect(tokens!.exponent).toBeCloseTo(tokensExponent, 5)
    const { parameters: best } = planCompute(law, { flops: 1e20 })
    expect(Math.log((parameters!.coefficient * 1e20 ** parameters!.exponent) / best)).toBeCloseTo(off, 3)
    expect(parameters!.standardError).toBeLessThan(1e-5)
  })

  it('gives the errors of minima and exponents', () => {
    // True parabolas, lowest at N = √C / 10. Sizes lie unevenly, so that errors of slope and of curvature go together.
    const sizes = [-2.8, -2.7, -2.6, -2.4, -2.1, -0.2, 0.2]
    const tries = 400
    const off: number[] = []
    const offExponent: number[] = []
    for (let seed = 0; seed < tries; seed++) {
      const rng = random(seed)
      // Twelve uniform numbers have variance 1.
      const normal = () => Array.from({ length: 12 }, () => rng.next()).reduce((a, b) => a + b) - 6
      const points = budgets.flatMap((flops) =>
        sizes.map((size) => {
          const parameters = (Math.sqrt(flops) / 10) * Math.exp(size)
          const lossNats = 3 + 0.1 * size ** 2 + 2e-3 * normal()
          return { parameters, tokens: flops / trainingFlops(parameters, 1), lossNats }
        }),
      )
      const { curves, parameters } = fitIsoFlop(points)
      const { flops, minimum } = curves[0]
      off.push(Math.log((10 * minimum!.parameters) / Math.sqrt(flops)) / minimum!.logError!)
      offExponent.push((parameters!.exponent - 0.5) / parameters!.standardError!)
    }
    // Student's t at 1: with 7 − 3 degrees of freedom 62.6 %, with 4 − 2 57.7 %.
    for (const [values, p] of [
      [off, 0.626],
      [offExponent, 0.577],
    ] as const) {
      const within = values.filter((each) => Math.abs(each) < 1).length
      expect(Math.abs(within - p * tries)).toBeLessThan(4 * Math.sqrt(p * (1 - p) * tries))
    }
  })

  it('takes runs together whose compute nearly agrees, and leaves lonely ones out', () => {
    const { law } = publishedLaws.hoffmann
    const points = [1e18, 2e18].flatMap((flops) => runs(law, flops, [0.5, 1, 2]))
    const uneven = points.map((point, i) => ({ ...point, tokens: point.tokens * (1 + 0.02 * (i % 3)) }))
    const lonely = runs(law, 1e20, [1, 2])
    const { curves, parameters } = fitIsoFlop([...lonely, ...uneven])
    expect(curves.map(({ points }) => points.length)).toEqual([3, 3])
    expect(curves[0].flops / 1e18).toBeCloseTo(1.02, 3)
    expect(curves.map(({ minimum }) => minimum?.logError)).toEqual([undefined, undefined])
    expect(parameters?.standardError).toBeUndefined()
    for (const { points, lossAt } of curves)
      for (const { parameters, lossNats } of points) expect(lossAt(parameters)).toBeCloseTo(lossNats, 12)
  })

  it('has no minimum where runs enclose none', () => {
    const { law } = publishedLaws.hoffmann
    const { curves, parameters } = fitIsoFlop(runs(law, 1e18, [2, 3, 4, 5]))
    expect(curves[0].minimum).toBeUndefined()
    expect(parameters).toBeUndefined()
    const hill = runs(law, 1e18, [0.5, 1, 2]).map((point) => ({ ...point, lossNats: 10 - point.lossNats }))
    expect(fitIsoFlop(hill).curves[0].minimum).toBeUndefined()
  })

  it('says what is missing', () => {
    const { law } = publishedLaws.hoffmann
    expect(() => fitIsoFlop(runs(law, 1e18, [1, 2]))).toThrow(
      'needs three sizes of the same compute 6·N·D, got 2 points',
    )
    expect(() => fitIsoFlop([{ parameters: 0, tokens: 1, lossNats: 1 }])).toThrow(
      'parameters of point 0 must be above 0',
    )
  })
})

describe('fitPolynomial', () => {
  it('gives coefficients and their covariance', () => {
    // R: x <- c(-1, 0, 1, 2); y <- c(1, 0, 2, 3); fit <- lm(y ~ x); coef(fit); vcov(fit)
    const { coefficients, covariance } = fitPolynomial([-1, 0, 1, 2], [1, 0, 2, 3], 1)
    expect(coefficients[0]).toBeCloseTo(1.1, 12)
    expect(coefficients[1]).toBeCloseTo(0.8, 12)
    expect(covariance![0][0]).toBeCloseTo(0.27, 12)
    expect(covariance![0][1]).toBeCloseTo(-0.09, 12)
    expect(covariance![1][1]).toBeCloseTo(0.18, 12)
    expect(fitPolynomial([-1, 1], [1, 3], 1)).toEqual({ coefficients: [2, 1] })
  })
})
