import { DataError } from '../base/index.ts'
import { trainingFlops } from './law.ts'
import { fitPolynomial, type LeastSquares } from './least-squares.ts'
import { checkPoints, type ScalingPoint } from './scaling-points.ts'

/** Runs of the same compute, and the parabola through them. */
export interface IsoFlopCurve {
  /** 6·N·D, the geometric mean over the runs. */
  readonly flops: number
  /** By the number of parameters. */
  readonly points: readonly ScalingPoint[]
  /** The parabola's loss at N parameters, nats a token. */
  lossAt(parameters: number): number
  /** Its lowest place; undefined where it opens downwards, or is lowest outside of the runs. */
  readonly minimum?: IsoFlopMinimum
}

export interface IsoFlopMinimum {
  readonly parameters: number
  /** D = C / (6·N) */
  readonly tokens: number
  readonly lossNats: number
  /** Standard error of ln N; undefined with three runs, which every parabola fits. */
  readonly logError?: number
}

/** y = coefficient · C^exponent */
export interface PowerLaw {
  readonly coefficient: number
  readonly exponent: number
  /** Of the exponent; undefined with two places, which every power law fits. */
  readonly standardError?: number
}

export interface IsoFlopFit {
  /** From the least compute to the greatest. */
  readonly curves: readonly IsoFlopCurve[]
  /** How the best N and D grow with compute; undefined where fewer than two curves have a minimum. */
  readonly parameters?: PowerLaw
  readonly tokens?: PowerLaw
}

/** Runs whose compute differs by less than this factor from a neighbour's belong to one curve. */
const SAME_COMPUTE = 1.2

/**
 * For each compute budget a parabola of the loss over ln N; through their minima, power laws N ∝ C^a and D ∝ C^b. Runs of
 * which fewer than three sizes share a budget are left out.
 *
 * @throws DataError when no three sizes share a budget, or a point is not above 0
 * Source: Hoffmann et al. 2022, §3.2 (approach 2). Error of a minimum: first order in the coefficients (delta method).
 *
 * @example
 * const { law } = publishedLaws.besiroglu
 * const points = [1e18, 1e20, 1e22].flatMap((flops) =>
 *   [0.5, 0.7, 1, 1.4, 2].map((share) => {
 *     const parameters = share * planCompute(law, { flops }).parameters
 *     const tokens = flops / 6 / parameters
 *     return { parameters, tokens, lossNats: lossOf(law, parameters, tokens) }
 *   }),
 * )
 * fitIsoFlop(points).parameters.exponent.toFixed(3) // '0.513'
 */
export function fitIsoFlop(points: readonly ScalingPoint[]): IsoFlopFit {
  checkPoints('fitIsoFlop', points)
  const curves = byCompute(points)
    .filter((group) => new Set(group.map(({ parameters }) => parameters)).size >= 3)
    .map(curveOf)
  if (curves.length === 0) {
    throw new DataError(
      `fitIsoFlop: needs three sizes of the same compute 6·N·D, got ${points.length} points without: add runs`,
    )
  }
  const minima = curves.flatMap(({ flops, minimum }) => (minimum === undefined ? [] : [{ flops, ...minimum }]))
  if (minima.length < 2) return { curves }
  const compute = minima.map(({ flops }) => flops)
  const through = (pick: (minimum: IsoFlopMinimum) => number) => powerLaw(compute, minima.map(pick))
  return { curves, parameters: through(({ parameters }) => parameters), tokens: through(({ tokens }) => tokens) }
}

function byCompute(points: readonly ScalingPoint[]): ScalingPoint[][] {
  const work = ({ parameters, tokens }: ScalingPoint) => trainingFlops(parameters, tokens)
  const groups: ScalingPoint[][] = []
  for (const point of points.toSorted((a, b) => work(a) - work(b))) {
    const last = groups.at(-1)
    if (last !== undefined && work(point) < SAME_COMPUTE * work(last.at(-1)!)) last.push(point)
    else groups.push([point])
  }
  return groups
}

const meanOf = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length

function curveOf(group: readonly ScalingPoint[]): IsoFlopCurve {
  const points = group.toSorted((a, b) => a.parameters - b.parameters)
  const sizes = points.map(({ parameters }) => Math.log(parameters))
  const middle = meanOf(sizes)
  const x = sizes.map((size) => size - middle)
  const losses = points.map(({ lossNats }) => lossNats)
  const fit = fitPolynomial(x, losses, 2)
  const [c0, c1, c2] = fit.coefficients
  const lossAt = (parameters: number) => {
    const at = Math.log(parameters) - middle
    return c0 + c1 * at + c2 * at * at
  }
  const flops = Math.exp(meanOf(points.map(({ parameters, tokens }) => Math.log(trainingFlops(parameters, tokens)))))
  const lowest = -c1 / (2 * c2)
  if (!(c2 > 0 && lowest >= x[0] && lowest <= x[x.length - 1])) return { flops, points, lossAt }
  const parameters = Math.exp(middle + lowest)
  const tokens = flops / trainingFlops(parameters, 1)
  return {
    flops,
    points,
    lossAt,
    minimum: { parameters, tokens, lossNats: lossAt(parameters), logError: errorOfLowest(fit) },
  }
}

/** Standard error of −c₁/(2c₂). */
function errorOfLowest({ coefficients: [, c1, c2], covariance }: LeastSquares): number | undefined {
  if (covariance === undefined) return undefined
  const [g1, g2] = [-1 / (2 * c2), c1 / (2 * c2 * c2)]
  return Math.sqrt(g1 * g1 * covariance[1][1] + 2 * g1 * g2 * covariance[1][2] + g2 * g2 * covariance[2][2])
}

/** A straight line through logarithms. */
function powerLaw(compute: readonly number[], values: readonly number[]): PowerLaw {
  const logs = compute.map((each) => Math.log(each))
  const middle = meanOf(logs)
  const centered = logs.map((each) => each - middle)
  const { coefficients, covariance } = fitPolynomial(
    centered,
    values.map((each) => Math.log(each)),
    1,
  )
  const [c0, exponent] = coefficients
  return {
    coefficient: Math.exp(c0 - exponent * middle),
    exponent,
    standardError: covariance && Math.sqrt(covariance[1][1]),
  }
}
