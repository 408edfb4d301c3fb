import { describe, expect, it } from 'vitest'
import { lossOf, publishedLaws, trainingFlops } from './law.ts'
import { planCompute } from './plan-compute.ts'

const laws = Object.entries(publishedLaws).map(([name, { law }]) => [name, law] as const)

describe('planCompute', () => {
  it('gives what the literature says of the compute of Gopher', () => {
    const { besiroglu, hoffmann } = publishedLaws
    const epoch = planCompute(besiroglu.law, { flops: 5.76e23 })
    expect(epoch.parameters / 1e9).toBeCloseTo(72, 0)
    expect(epoch.tokens / 1e12).toBeCloseTo(1.33, 2)
    expect(epoch.tokensPerParameter).toBeCloseTo(18.5, 0)
    const rounded = planCompute(hoffmann.law, { flops: 5.76e23 })
    expect(rounded.parameters / 1e9).toBeCloseTo(32, 0)
    expect(rounded.tokensPerParameter).toBeCloseTo(92.6, 0)
  })

  it.each(laws)('is lowest of all runs of its compute under %s', (_, law) => {
    for (const flops of [1e15, 1e20, 1e25]) {
      const { parameters, tokens, lossNats, lostNats, computeFactor } = planCompute(law, { flops })
      expect(trainingFlops(parameters, tokens) / flops).toBeCloseTo(1, 12)
      expect(lossNats).toBe(lossOf(law, parameters, tokens))
      expect(lostNats).toBe(0)
      expect(computeFactor).toBeCloseTo(1, 9)
      for (const share of [0.9, 0.99, 1.01, 1.1])
        expect(lossOf(law, parameters * share, tokens / share)).toBeGreaterThan(lossNats)
    }
  })

  it.each(laws)('finds the same best run from its compute, parameters, tokens and hours under %s', (_, law) => {
    const plan = planCompute(law, { flops: 3e19 })
    const { parameters, tokens } = plan
    for (const request of [
      { parameters },
      { tokens },
      { hours: 2, flopsPerSecond: 3e19 / 7200 },
      { parameters, tokens },
    ]) {
      const again = planCompute(law, request)
      for (const name of ['flops', 'parameters', 'tokens', 'lossNats', 'computeFactor'] as const)
        expect(again[name] / plan[name], name).toBeCloseTo(1, 9)
      expect(again.optimum.parameters / parameters).toBeCloseTo(1, 9)
    }
  })

  it.each(laws)('says what a forced size costs under %s', (_, law) => {
    const best = planCompute(law, { flops: 1e21 })
    const small = planCompute(law, { flops: 1e21, parameters: best.parameters / 4 })
    expect(small.tokens / best.tokens).toBeCloseTo(4, 9)
    expect(small.optimum).toEqual(best.optimum)
    expect(small.lostNats).toBeCloseTo(small.lossNats - best.lossNats, 12)
    // As much loss as the best run of less compute has.
    expect(small.computeFactor).toBeGreaterThan(1)
    expect(planCompute(law, { flops: 1e21 / small.computeFactor }).lossNats).toBeCloseTo(small.lossNats, 9)
    const same = planCompute(law, { flops: 1e21, tokens: small.tokens })
    expect(same.parameters / small.parameters).toBeCloseTo(1, 9)
    expect(planCompute(law, { parameters: small.parameters, tokens: small.tokens }).lostNats).toBeCloseTo(
      small.lostNats,
      9,
    )
  })

  it.each([
    [{}, 'one or two of compute, parameters and tokens say what the run is, got none'],
    [{ flops: 1, parameters: 1, tokens: 1 }, 'got all three'],
    [{ hours: 8 }, 'hours need flopsPerSecond'],
    [{ hours: 8, flops: 1e18, flopsPerSecond: 1 }, 'give flops or hours, not both'],
    [{ flops: 0 }, 'flops must be above 0, got 0'],
    [{ parameters: Number.NaN }, 'parameters must be above 0, got NaN'],
    [{ tokens: -1 }, 'tokens must be above 0, got -1'],
  ])('refuses %j', (request, message) => {
    expect(() => planCompute(publishedLaws.hoffmann.law, request)).toThrow(message)
  })

  it('refuses a law without a best run', () => {
    const law = { ...publishedLaws.hoffmann.law, beta: -0.1 }
    expect(() => planCompute(law, { flops: 1e18 })).toThrow(
      'A, B, alpha and beta must be above 0, got 406.4, 410.7, 0.34, -0.1',
    )
  })
})
