import { ConfigError } from '../base/index.ts'
import { hasOptimum, lawExponents } from './exponents.ts'
import { lossOf, type ScalingLaw, trainingFlops } from './law.ts'

/**
 * What is given of a run, one or two of: its compute (as FLOP, or as hours at a speed), N, D. One of them asks for the best
 * run that has it; two say what the run is.
 */
export interface ComputeRequest {
  readonly flops?: number
  readonly hours?: number
  /** Of training, in 6·N·D: what the machine reaches, not its peak. */
  readonly flopsPerSecond?: number
  readonly parameters?: number
  readonly tokens?: number
}

export interface PlannedRun {
  readonly parameters: number
  readonly tokens: number
  /** Foretold, nats a token. */
  readonly lossNats: number
}

export interface ComputePlan extends PlannedRun {
  /** 6·N·D */
  readonly flops: number
  readonly tokensPerParameter: number
  /** The best run of the same compute. */
  readonly optimum: PlannedRun
  /** Loss above that of the optimum: the price of a size or a length that was forced. */
  readonly lostNats: number
  /** How many times the compute is of what a best run of the same loss needs: 1 at the optimum. */
  readonly computeFactor: number
}

/**
 * The run that a law recommends, or what a run that is given has to expect.
 *
 * N* = G·(C/6)^(β/(α+β)), D* = (C/6)^(α/(α+β)) / G with G = (αA/(βB))^(1/(α+β)).
 *
 * @throws ConfigError when a term of the law does not fall, when nothing, too much, or a number of 0 or less is given, or hours without a speed
 * Source: Hoffmann et al. 2022, eq. 4; over-training: Sardana et al. 2024.
 *
 * @example
 * const { parameters, tokens } = planCompute(publishedLaws.besiroglu.law, { flops: 5.76e23 })
 * quantity(parameters) // '72.2 G'
 * planCompute(publishedLaws.besiroglu.law, { parameters: 8e9, tokens: 15e12 }).tokensPerParameter // 1875; Llama 3
 */
export function planCompute(law: ScalingLaw, request: ComputeRequest): ComputePlan {
  if (!hasOptimum(law)) {
    const { A, B, alpha, beta } = law
    throw new ConfigError(
      `planCompute: no run is best where a term of the law does not fall: A, B, alpha and beta must be above 0, got ${A}, ${B}, ${alpha}, ${beta}`,
    )
  }
  const { parameters, tokens } = request
  const given = { ...request, flops: computeOf(request) }
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !(value > 0 && value < Number.POSITIVE_INFINITY))
      throw new ConfigError(`planCompute: ${name} must be above 0, got ${value}`)
  }
  const count = [given.flops, parameters, tokens].filter((each) => each !== undefined).length
  if (count !== 1 && count !== 2) {
    throw new ConfigError(
      `planCompute: one or two of compute, parameters and tokens say what the run is, got ${count === 0 ? 'none' : 'all three'}`,
    )
  }

  const { growth, parametersExponent: a, tokensExponent: b, lossExponent, reducible } = optimumOf(law)
  const flops =
    given.flops ??
    (parameters === undefined
      ? 6 * (tokens! * growth) ** (1 / b)
      : tokens === undefined
        ? 6 * (parameters / growth) ** (1 / a)
        : trainingFlops(parameters, tokens))
  const run = (n: number, d: number): PlannedRun => ({ parameters: n, tokens: d, lossNats: lossOf(law, n, d) })
  const optimum = run(growth * (flops / 6) ** a, (flops / 6) ** b / growth)
  const n = parameters ?? (count === 2 ? flops / trainingFlops(1, tokens!) : optimum.parameters)
  const chosen = run(n, tokens ?? (count === 2 ? flops / trainingFlops(n, 1) : optimum.tokens))
  const needed = 6 * ((chosen.lossNats - law.E) / reducible) ** (-1 / lossExponent)
  return {
    flops,
    ...chosen,
    tokensPerParameter: chosen.tokens / chosen.parameters,
    optimum,
    lostNats: Math.max(0, chosen.lossNats - optimum.lossNats),
    computeFactor: Math.max(1, flops / needed),
  }
}

function computeOf({ flops, hours, flopsPerSecond }: ComputeRequest): number | undefined {
  if (hours === undefined) return flops
  if (flops !== undefined) throw new ConfigError('planCompute: give flops or hours, not both')
  if (flopsPerSecond === undefined) throw new ConfigError('planCompute: hours need flopsPerSecond')
  return hours * 3600 * flopsPerSecond
}

/** The line of best runs: N* = growth·(C/6)^a, and L* − E = reducible·(C/6)^−γ. */
function optimumOf(law: ScalingLaw) {
  const { A, B, alpha, beta } = law
  const growth = ((alpha * A) / (beta * B)) ** (1 / (alpha + beta)) // G
  return { growth, reducible: A * growth ** -alpha + B * growth ** beta, ...lawExponents(law) }
}
