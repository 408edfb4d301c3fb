import { ConfigError, DataError, random } from '../base/index.ts'
import { type Estimate, estimateOf } from './estimate.ts'
import { type LawExponents, lawExponents } from './exponents.ts'
import { lossOf, type ScalingLaw } from './law.ts'
import { lbfgs, type Minimum } from './lbfgs.ts'
import { type ScalingObjective, scalingObjective } from './scaling-objective.ts'
import { checkPoints, type ScalingPoint } from './scaling-points.ts'

export interface ScalingFitOptions {
  /** Where Huber's loss goes over from squares to absolute values, in log-loss. */
  readonly delta?: number
  /** How often the points are drawn anew for the errors; from 2. */
  readonly resamples?: number
  readonly seed?: number
  /** Share of the resamples that intervals hold. */
  readonly confidence?: number
}

export interface ScalingFit {
  readonly law: ScalingLaw
  /** The constants of the law, and the exponents of the best N and D that follow from them. */
  readonly estimates: Readonly<Record<keyof ScalingLaw | keyof LawExponents, Estimate>>
  /** The laws of the resamples: what else the points could have said. */
  readonly resamples: readonly ScalingLaw[]
  /** Measured less foretold loss, in logarithms, for each point. */
  readonly residuals: readonly number[]
  /** Share of the variance of log-loss that the law explains. */
  readonly rSquared: number
  /** Whether the best search came to its end. */
  readonly converged: boolean
}

const LEAST_POINTS = 5
/** Values of N, and of D, below which a term cannot be told from the constant. */
const LEAST_DISTINCT = 3

/**
 * Fits L(N, D) = E + A/N^α + B/D^β to finished runs, as the literature does it: Huber's loss on log-loss, minimised by
 * L-BFGS from the best of a grid of starts; errors by bootstrap over the runs, each resample descending from the fit.
 *
 * @throws DataError when there are fewer than 5 points or 3 values of N and of D, or a point is not above 0
 * @throws ConfigError for a δ, number of resamples or confidence that cannot be
 * Cost: 4500 + some 1500 evaluations of the sum for the fit, some 30 for each resample.
 * Source: Hoffmann et al. 2022, §3.3 and D.2; errors: Besiroglu et al. 2024, §3; bootstrap: Efron 1979.
 *
 * @example
 * const { law } = publishedLaws.hoffmann
 * const sizes = [1e8, 3e8, 1e9, 3e9]
 * const points = sizes.flatMap((parameters) =>
 *   [2e9, 1e10, 5e10].map((tokens) => ({ parameters, tokens, lossNats: lossOf(law, parameters, tokens) })),
 * )
 * fitScalingLaw(points, { resamples: 10 }).law.alpha.toFixed(4) // '0.3400'
 */
export function fitScalingLaw(points: readonly ScalingPoint[], options: ScalingFitOptions = {}): ScalingFit {
  const { delta = 1e-3, resamples: count = 1000, seed = 1, confidence = 0.95 } = options
  if (!(delta > 0)) throw new ConfigError(`fitScalingLaw: delta must be above 0, got ${delta}`)
  if (!Number.isSafeInteger(count) || count < 2)
    throw new ConfigError(`fitScalingLaw: resamples must be a whole number from 2 on, got ${count}`)
  if (!(confidence > 0 && confidence < 1))
    throw new ConfigError(`fitScalingLaw: confidence must be between 0 and 1, got ${confidence}`)
  checkPoints('fitScalingLaw', points)
  const once = new Uint32Array(points.length).fill(1)
  if (!isEnough(points, once)) {
    const [n, d] = [distinct(points.map((each) => each.parameters)), distinct(points.map((each) => each.tokens))]
    throw new DataError(
      `fitScalingLaw: needs ${LEAST_POINTS} points with ${LEAST_DISTINCT} values of parameters and of tokens, got ${points.length} with ${n} and ${d}: add runs`,
    )
  }

  const objective = scalingObjective(points, delta)
  const best = descendFromGrid(objective, once)
  const law = objective.lawOf(best.x)
  const rng = random(seed)
  const resamples = Array.from({ length: count }, () => {
    let weights: Uint32Array
    do weights = redrawn(points.length, rng)
    while (!isEnough(points, weights))
    return objective.lawOf(lbfgs(objective.weighted(weights), best.x, { mostIterations: 300 }).x)
  })

  const logLosses = points.map(({ lossNats }) => Math.log(lossNats))
  const residuals = points.map(({ parameters, tokens }, i) => logLosses[i] - Math.log(lossOf(law, parameters, tokens)))
  const mean = logLosses.reduce((sum, each) => sum + each, 0) / points.length
  const squares = (values: readonly number[]) => values.reduce((sum, each) => sum + each * each, 0)
  return {
    law,
    estimates: estimatesOf(law, resamples, confidence),
    resamples,
    residuals,
    rSquared: 1 - squares(residuals) / squares(logLosses.map((each) => each - mean)),
    converged: best.converged,
  }
}

/** The grid of Hoffmann et al. 2022, D.2. */
const exponentStarts = [0, 0.5, 1, 1.5, 2]
const logE = [-1, -0.5, 0, 0.5, 1]
const logAB = [0, 5, 10, 15, 20, 25]

/** The whole grid is looked at; for each pair of exponents the search goes down from the best place. */
function descendFromGrid(objective: ScalingObjective, weights: Uint32Array): Minimum {
  const minimand = objective.weighted(weights)
  let best: Minimum | undefined
  for (const alpha of exponentStarts) {
    for (const beta of exponentStarts) {
      let start: Float64Array | undefined
      let least = Number.POSITIVE_INFINITY
      for (const a of logAB) {
        for (const b of logAB) {
          for (const e of logE) {
            const law = { E: Math.exp(e), A: Math.exp(a), B: Math.exp(b), alpha, beta }
            const vector = objective.vectorOf(law)
            const { value } = minimand(vector)
            if (value < least) [start, least] = [vector, value]
          }
        }
      }
      const found = lbfgs(minimand, start!)
      if (best === undefined || found.value < best.value) best = found
    }
  }
  return best!
}

/** How often each of `count` points comes up in `count` draws. */
function redrawn(count: number, rng: ReturnType<typeof random>): Uint32Array {
  const weights = new Uint32Array(count)
  for (let i = 0; i < count; i++) weights[rng.integer(count)]++
  return weights
}

const distinct = (values: readonly number[]) => new Set(values).size

/** Whether the points that count can tell the five constants. */
function isEnough(points: readonly ScalingPoint[], weights: Uint32Array): boolean {
  const used = points.filter((_, i) => weights[i] > 0)
  return (
    used.length >= LEAST_POINTS &&
    distinct(used.map(({ parameters }) => parameters)) >= LEAST_DISTINCT &&
    distinct(used.map(({ tokens }) => tokens)) >= LEAST_DISTINCT
  )
}

function estimatesOf(law: ScalingLaw, resamples: readonly ScalingLaw[], confidence: number): ScalingFit['estimates'] {
  const constants = (each: ScalingLaw) => ({ ...each, ...lawExponents(each) })
  const drawn = resamples.map(constants)
  return Object.fromEntries(
    Object.entries(constants(law)).map(([name, value]) => {
      const values = drawn.map((each) => each[name as keyof typeof each])
      return [name, estimateOf(value, values, confidence)]
    }),
  ) as ScalingFit['estimates']
}
