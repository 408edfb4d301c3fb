import { describe, expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { lawExponents } from './exponents.ts'
import { fitScalingLaw } from './fit-scaling-law.ts'
import { lossOf, publishedLaws, type ScalingLaw, trainingFlops } from './law.ts'
import { scalingObjective } from './scaling-objective.ts'
import type { ScalingPoint } from './scaling-points.ts'

/** Runs as those of Hoffmann et al.: 44 M to 16 G parameters, 6e18 to 3e21 FLOP, with log-normal noise. */
function runs(law: ScalingLaw, count: number, deviation: number, seed: number): ScalingPoint[] {
  const rng = random(seed)
  const between = (low: number, high: number) => low * (high / low) ** rng.next()
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next())
  return Array.from({ length: count }, () => {
    const parameters = between(44e6, 16e9)
    const tokens = between(6e18, 3e21) / trainingFlops(parameters, 1)
    return { parameters, tokens, lossNats: lossOf(law, parameters, tokens) * Math.exp(deviation * normal()) }
  })
}

const constants = ['E', 'A', 'B', 'alpha', 'beta'] as const
const laws = Object.entries(publishedLaws).map(([name, { law }]) => [name, law] as const)

describe('fitScalingLaw', () => {
  it.each(laws)('finds the constants of %s again where there is no noise', (_, law) => {
    const fit = fitScalingLaw(runs(law, 60, 0, 3), { resamples: 2 })
    expect(fit.converged).toBe(true)
    // The logarithms of losses are right to a few roundings, and the worst direction takes some 10⁴ of that.
    for (const name of constants) expect(Math.abs(fit.law[name] / law[name] - 1), name).toBeLessThan(1e-10)
    expect(fit.rSquared).toBeCloseTo(1, 12)
    for (const residual of fit.residuals) expect(Math.abs(residual)).toBeLessThan(1e-13)
  })

  it.each(laws)('recovers the constants of %s within one standard error', (_, law) => {
    const fit = fitScalingLaw(runs(law, 240, 3e-3, 2), { resamples: 300 })
    expect(fit.converged).toBe(true)
    for (const name of constants) {
      const { value, standardError, interval } = fit.estimates[name]
      expect(value).toBe(fit.law[name])
      expect(Math.abs(value - law[name]) / standardError, name).toBeLessThan(1)
      expect(standardError / law[name], `${name} says something`).toBeLessThan(0.1)
      expect(interval[0]).toBeLessThan(law[name])
      expect(interval[1]).toBeGreaterThan(law[name])
    }
    const { parametersExponent } = lawExponents(law)
    const { value, standardError } = fit.estimates.parametersExponent
    expect(Math.abs(value - parametersExponent)).toBeLessThan(standardError)
    expect(fit.rSquared).toBeGreaterThan(0.999)
  })

  it('gives errors that are as large as the errors are', () => {
    const { law } = publishedLaws.besiroglu
    const tries = 60
    const off = Array.from({ length: tries }, (_, i) => {
      const { estimates } = fitScalingLaw(runs(law, 120, 3e-3, 100 + i), { resamples: 60 })
      return constants.map((name) => (estimates[name].value - law[name]) / estimates[name].standardError)
    })
    // A normal error is within one standard error with p = 0.683; four deviations of a count of 60 are 4·√(60·p·(1 − p)).
    const expected = 0.683 * tries
    const margin = 4 * Math.sqrt(expected * (1 - 0.683))
    for (const [c, name] of constants.entries()) {
      const within = off.filter((row) => Math.abs(row[c]) < 1).length
      expect(Math.abs(within - expected), `${name}: ${within} of ${tries}`).toBeLessThan(margin)
    }
  })

  it('lets single runs that went wrong change little', () => {
    const { law } = publishedLaws.hoffmann
    const points = runs(law, 120, 1e-3, 5)
    const spoiled = points.map((point, i) => (i % 40 === 7 ? { ...point, lossNats: 1.5 * point.lossNats } : point))
    const fit = fitScalingLaw(spoiled, { resamples: 100 })
    for (const name of constants) {
      const { value, standardError } = fit.estimates[name]
      expect(Math.abs(value - law[name]) / standardError, name).toBeLessThan(3)
    }
    const squares = fitScalingLaw(spoiled, { resamples: 2, delta: 10 })
    expect(Math.abs(squares.law.E - law.E)).toBeGreaterThan(5 * Math.abs(fit.law.E - law.E))
  })

  it('draws the same resamples for the same seed', () => {
    const points = runs(publishedLaws.hoffmann.law, 30, 2e-3, 1)
    const [one, again, other] = [4, 4, 5].map((seed) => fitScalingLaw(points, { resamples: 5, seed }))
    expect(again.resamples).toEqual(one.resamples)
    expect(other.resamples).not.toEqual(one.resamples)
    expect(other.law).toEqual(one.law)
  })

  it('refuses points that cannot tell the law', () => {
    const points = runs(publishedLaws.hoffmann.law, 12, 0, 1)
    expect(() => fitScalingLaw(points.slice(0, 4))).toThrow(
      'needs 5 points with 3 values of parameters and of tokens, got 4',
    )
    const flat = points.map((point) => ({ ...point, tokens: 1e9 }))
    expect(() => fitScalingLaw(flat)).toThrow('got 12 with 12 and 1: add runs')
    expect(() => fitScalingLaw([...points, { ...points[0], lossNats: Number.NaN }])).toThrow(
      'lossNats of point 12 must be above 0, got NaN',
    )
    expect(() => fitScalingLaw(points, { resamples: 1 })).toThrow('resamples must be a whole number from 2 on, got 1')
    expect(() => fitScalingLaw(points, { delta: 0 })).toThrow('delta must be above 0, got 0')
    expect(() => fitScalingLaw(points, { confidence: 95 })).toThrow('confidence must be between 0 and 1, got 95')
  })
})

describe('the objective', () => {
  const points = runs(publishedLaws.hoffmann.law, 20, 5e-3, 9)
  const weights = points.map((_, i) => i % 3)
  const { weighted, vectorOf, lawOf } = scalingObjective(points, 1e-3)

  it('is the sum of Huber losses of log-losses', () => {
    const law = { E: 1.5, A: 300, B: 900, alpha: 0.3, beta: 0.31 }
    const expected = points.reduce((sum, { parameters, tokens, lossNats }, i) => {
      const off = Math.abs(Math.log(lossOf(law, parameters, tokens) / lossNats))
      return sum + weights[i] * (off <= 1e-3 ? off ** 2 / 2 : 1e-3 * (off - 1e-3 / 2))
    }, 0)
    const { value } = weighted(weights)(vectorOf(law))
    expect(Math.abs(value * 1e-6 - expected)).toBeLessThan(1e-12 * expected)
    for (const [name, each] of Object.entries(lawOf(vectorOf(law))))
      expect(each).toBeCloseTo(law[name as keyof typeof law], 9)
  })

  it.each([
    [{ E: 1.5, A: 300, B: 900, alpha: 0.3, beta: 0.31 }],
    [publishedLaws.hoffmann.law],
  ])('has the gradient of its differences at %j', (law) => {
    const x = vectorOf(law)
    const minimand = weighted(weights)
    const { gradient } = minimand(x)
    const h = 1e-7
    for (let i = 0; i < x.length; i++) {
      const moved = (by: number) => minimand(x.map((each, j) => each + (i === j ? by : 0))).value
      const difference = (moved(h) - moved(-h)) / (2 * h)
      // Second derivatives jump where Huber's parts meet: an error of h/2 times the greatest of them, Σ w (∂r/δ)².
      const bound = (h / 2) * weights.reduce((sum, w) => sum + w, 0) * (4 / 1e-3) ** 2
      expect(Math.abs(gradient[i] - difference)).toBeLessThan(bound)
      expect(Math.abs(gradient[i])).toBeGreaterThan(10 * bound)
    }
  })
})
