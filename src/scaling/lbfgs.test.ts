import { describe, expect, it } from 'vitest'
import { ConfigError, random } from '../base/index.ts'
import type { Differentiable } from './differentiable.ts'
import { lbfgs, type Pair, towards } from './lbfgs.ts'
import { dot, wolfeStep } from './line-search.ts'

/** Rosenbrock's valley in pairs of coordinates. Its minimum is 0 at ones. */
const rosenbrock: Differentiable = (x) => {
  const gradient = new Float64Array(x.length)
  let value = 0
  for (let i = 0; i < x.length; i += 2) {
    const across = x[i + 1] - x[i] ** 2
    value += 100 * across ** 2 + (1 - x[i]) ** 2
    gradient[i] = -400 * x[i] * across - 2 * (1 - x[i])
    gradient[i + 1] = 200 * across
  }
  return { value, gradient }
}

/** ½ (x − c)ᵀ H (x − c) with eigenvalues from 1 to `condition` in a rotated frame, plus a constant. */
function quadratic(size: number, condition: number, constant: number) {
  const rng = random(7)
  const center = Float64Array.from({ length: size }, () => 4 * rng.next() - 2)
  const normal = Float64Array.from({ length: size }, () => rng.next() - 0.5)
  const length = dot(normal, normal)
  // A Householder reflection: its own inverse.
  const reflect = (v: Float64Array) => {
    const share = (2 * dot(normal, v)) / length
    return v.map((each, i) => each - share * normal[i])
  }
  const curvature = Float64Array.from({ length: size }, (_, i) => condition ** (i / (size - 1)))
  const minimand: Differentiable = (x) => {
    const z = reflect(x.map((each, i) => each - center[i]))
    const scaled = z.map((each, i) => each * curvature[i])
    return { value: dot(z, scaled) / 2 + constant, gradient: reflect(scaled) }
  }
  return { minimand, center }
}

describe('lbfgs', () => {
  it.each([
    [[-1.2, 1]],
    [[-1.2, 1, -1.2, 1, 3, -4]],
    [[1e3, -1e3]],
  ])("finds the end of Rosenbrock's valley from %j", (start) => {
    const { x, value, gradient, converged, ended, iterations } = lbfgs(rosenbrock, start)
    expect({ converged, ended }).toEqual({ converged: true, ended: 'gradient' })
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThanOrEqual(1e-8)
    // The least eigenvalue of the Hessian at the minimum is 0.399: that bounds the way from the gradient.
    for (const each of x) expect(Math.abs(each - 1)).toBeLessThan((1e-8 * Math.sqrt(x.length)) / 0.39)
    expect(value).toBeLessThan(1e-15)
    expect(iterations).toBeLessThan(200)
  })

  // scipy 1.17.1 (L-BFGS-B, 10 pairs) needs 24 and 328 iterations for such quadratics, and ends the third after 5000 unsolved.
  it.each([
    [10, 10, 40],
    [1e4, 10, 500],
    [1e8, 60, 500],
  ])('finds the bottom of a quadratic of condition %g with %i pairs', (condition, memory, most) => {
    const { minimand, center } = quadratic(12, condition, 0)
    const { x, converged, iterations } = lbfgs(minimand, new Float64Array(12), { memory })
    expect(converged).toBe(true)
    expect(iterations).toBeLessThan(most)
    // The least eigenvalue is 1.
    x.forEach((each, i) => {
      expect(Math.abs(each - center[i])).toBeLessThan(1e-8 * Math.sqrt(12))
    })
  })

  it('ends where rounding hides what is left', () => {
    const { minimand, center } = quadratic(6, 100, 1e6)
    const { x, ended, converged } = lbfgs(minimand, new Float64Array(6), { gradientTolerance: 0 })
    expect({ ended, converged }).toEqual({ ended: 'value', converged: true })
    // ½ λ d² with λ ≥ 1 is then a few roundings of 1e6.
    x.forEach((each, i) => {
      expect((each - center[i]) ** 2 / 2).toBeLessThan(20 * Number.EPSILON * 1e6)
    })
  })

  it('says how it ended', () => {
    expect(lbfgs(rosenbrock, [1, 1])).toMatchObject({ iterations: 0, ended: 'gradient', converged: true })
    expect(lbfgs(rosenbrock, [-1.2, 1], { mostIterations: 3 })).toMatchObject({
      iterations: 3,
      ended: 'iterations',
      converged: false,
    })
    const endless: Differentiable = ([x]) => ({ value: -x, gradient: Float64Array.of(-1) })
    expect(lbfgs(endless, [0])).toMatchObject({ ended: 'line search', converged: false })
    const nowhere: Differentiable = () => ({ value: Number.NaN, gradient: Float64Array.of(1) })
    expect(() => lbfgs(nowhere, [3])).toThrow(ConfigError)
    expect(() => lbfgs(nowhere, [3])).toThrow('must be finite at the start, got NaN at [3]')
  })

  it('comes back from where the function is not defined', () => {
    // x − ln x, from where the first step leaves the numbers above 0.
    const barrier: Differentiable = ([x]) => ({ value: x - Math.log(x), gradient: Float64Array.of(1 - 1 / x) })
    const { x, converged } = lbfgs(barrier, [50])
    expect(converged).toBe(true)
    expect(x[0]).toBeCloseTo(1, 7)
  })
})

describe('the two loops', () => {
  it('multiply with the matrix that BFGS keeps', () => {
    const rng = random(3)
    const vector = () => Float64Array.from({ length: 5 }, () => rng.next() - 0.3)
    const pairs: Pair[] = []
    while (pairs.length < 3) {
      const [s, y] = [vector(), vector()]
      if (dot(s, y) > 0.1) pairs.push({ s, y, rho: 1 / dot(s, y) })
    }
    // H ← (1 − ρsyᵀ) H (1 − ρysᵀ) + ρssᵀ, from a multiple of the identity: Nocedal & Wright 2006, eq. 7.16 and 7.20.
    const last = pairs[2]
    let inverse = (v: Float64Array) => v.map((each) => (each * dot(last.s, last.y)) / dot(last.y, last.y))
    for (const { s, y, rho } of pairs) {
      const before = inverse
      inverse = (v) => {
        const h = before(v.map((each, i) => each - rho * dot(s, v) * y[i]))
        return h.map((each, i) => each + s[i] * rho * (dot(s, v) - dot(y, h)))
      }
    }
    const gradient = vector()
    const expected = inverse(gradient)
    towards(gradient, pairs).forEach((each, i) => {
      expect(each).toBeCloseTo(expected[i], 10)
    })
    towards(last.y, pairs).forEach((each, i) => {
      expect(each).toBeCloseTo(last.s[i], 10)
    })
    expect(towards(gradient, [])).toEqual(gradient)
  })
})

describe('a step of the line search', () => {
  it.each([[1e-6], [0.1], [1], [30], [1e5]])('satisfies the strong Wolfe conditions, begun with %g', (first) => {
    const functions: Differentiable[] = [
      rosenbrock,
      ([x, y]) => ({
        value: -x / (x * x + 2) + y * y,
        gradient: Float64Array.of((x * x - 2) / (x * x + 2) ** 2, 2 * y),
      }), // Moré & Thuente 1994, eq. 5.1
      ([x, y]) => ({
        value: Math.cos(5 * x) + x * x + y * y,
        gradient: Float64Array.of(2 * x - 5 * Math.sin(5 * x), 2 * y),
      }),
    ]
    for (const minimand of functions) {
      const x = Float64Array.of(0.1, 0.3)
      const evaluation = minimand(x)
      const direction = evaluation.gradient.map((each) => -each)
      const slope = dot(evaluation.gradient, direction)
      const found = wolfeStep({ minimand, direction, start: { step: 0, x, evaluation, slope } }, first)!
      expect(found.evaluation.value).toBeLessThanOrEqual(evaluation.value + 1e-4 * found.step * slope)
      expect(Math.abs(dot(found.evaluation.gradient, direction))).toBeLessThanOrEqual(0.9 * Math.abs(slope))
      expect(found.x).toEqual(x.map((each, i) => each + found.step * direction[i]))
    }
  })
})
