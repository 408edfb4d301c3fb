import { ConfigError } from '../base/index.ts'
import type { Differentiable, Evaluation } from './differentiable.ts'
import { dot, wolfeStep } from './line-search.ts'

export interface LbfgsOptions {
  /** Pairs of steps and changes of the gradient that are remembered. */
  readonly memory?: number
  readonly mostIterations?: number
  /** Greatest entry of the gradient at which the search ends. */
  readonly gradientTolerance?: number
  /** Decrease of one iteration, as a share of the value, at which the search ends. */
  readonly valueTolerance?: number
}

export interface Minimum extends Evaluation {
  readonly x: Float64Array
  readonly iterations: number
  /** Whether the gradient vanished or the value stopped falling, in place of running out of iterations or of steps. */
  readonly converged: boolean
  readonly ended: 'gradient' | 'value' | 'iterations' | 'line search'
}

/** A step that was taken. */
export interface Pair {
  /** Change of place. */
  readonly s: Float64Array
  /** Change of the gradient. */
  readonly y: Float64Array
  /** 1 / sᵀy */
  readonly rho: number
}

/**
 * Minimises a smooth function by the limited-memory BFGS method with a line search that satisfies the strong Wolfe conditions.
 *
 * @param minimand value and gradient; may give values that are not finite away from the start
 * @throws ConfigError when the function is not finite at the start
 * Cost: mostly one or two evaluations an iteration, and 4·memory·n multiply-adds.
 * Source: Nocedal 1980; Nocedal & Wright 2006, algorithms 7.4 and 7.5.
 *
 * @example
 * const bowl = ([x, y]) => ({ value: (x - 1) ** 2 + 100 * y ** 2, gradient: Float64Array.of(2 * (x - 1), 200 * y) })
 * lbfgs(bowl, [5, 5]).converged // true
 */
export function lbfgs(minimand: Differentiable, start: ArrayLike<number>, options: LbfgsOptions = {}): Minimum {
  const { memory = 10, mostIterations = 1000, gradientTolerance = 1e-8, valueTolerance = 1e-15 } = options
  let x: Float64Array = Float64Array.from(start)
  let here = minimand(x)
  if (!Number.isFinite(here.value) || !here.gradient.every(Number.isFinite)) {
    throw new ConfigError(`lbfgs: the function must be finite at the start, got ${here.value} at [${x.join(', ')}]`)
  }
  const pairs: Pair[] = []
  const end = (ended: Minimum['ended'], iterations: number): Minimum => {
    const converged = ended === 'gradient' || ended === 'value'
    return { x, ...here, iterations, converged, ended }
  }
  for (let iteration = 0; iteration < mostIterations; ) {
    if (greatest(here.gradient) <= gradientTolerance) return end('gradient', iteration)
    const direction = towards(here.gradient, pairs).map((each) => -each)
    const slope = dot(here.gradient, direction)
    const line = { minimand, direction, start: { step: 0, x, evaluation: here, slope } }
    const next = wolfeStep(line, pairs.length === 0 ? 1 / Math.max(1, greatest(here.gradient)) : 1)
    if (next === undefined) {
      // Half of the slope is about what is left to gain; below the rounding of the value nothing can be found.
      if (-slope / 2 <= x.length * Number.EPSILON * Math.abs(here.value)) return end('value', iteration)
      if (pairs.length === 0) return end('line search', iteration)
      pairs.length = 0 // what is remembered leads nowhere: follow the gradient
      continue
    }
    iteration++
    const { value, gradient } = next.evaluation
    const s = next.x.map((each, i) => each - x[i])
    const y = gradient.map((each, i) => each - here.gradient[i])
    const decrease = here.value - value
    x = next.x
    here = next.evaluation
    if (decrease <= valueTolerance * Math.abs(value)) return end('value', iteration)
    pairs.push({ s, y, rho: 1 / dot(s, y) }) // sᵀy > 0, by the second Wolfe condition
    if (pairs.length > memory) pairs.shift()
  }
  return end('iterations', mostIterations)
}

/** The inverse Hessian, as the pairs tell it, times the gradient: the two loops of algorithm 7.4. */
export function towards(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = Float64Array.from(gradient)
  const add = (factor: number, v: Float64Array) => {
    for (let i = 0; i < q.length; i++) q[i] += factor * v[i]
  }
  const shares = new Float64Array(pairs.length)
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k]
    shares[k] = rho * dot(s, q)
    add(-shares[k], y)
  }
  const last = pairs.at(-1)
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.y, last.y)) // eq. 7.20
    for (let i = 0; i < q.length; i++) q[i] *= scale
  }
  for (const [k, { s, y, rho }] of pairs.entries()) add(shares[k] - rho * dot(y, q), s)
  return q
}

const greatest = (v: Float64Array) => v.reduce((most, each) => Math.max(most, Math.abs(each)), 0)
