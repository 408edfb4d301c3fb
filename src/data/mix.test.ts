import { describe, expect, it } from 'vitest'
import { ConfigError } from '../base/index.ts'
import { type Mix, mixKeys, planMix } from './mix.ts'

const sizes = { web: 8000, books: 1500, kazakh: 500 }

/** Documents of one token each: how many of each source lie in each stage. */
function told(mix: Mix, seed = 1) {
  const plan = planMix(sizes, mix)
  const counts = plan.epochs.map(() => plan.sources.map(() => 0))
  const most = new Map<number, number>()
  let document = 0
  plan.sources.forEach((name, source) => {
    for (let i = 0; i < sizes[name as keyof typeof sizes]; i++, document++) {
      const keys = mixKeys(plan, { document, source, seed })
      for (const key of keys) counts[Math.floor(key)][source]++
      most.set(source, Math.max(most.get(source) ?? 0, keys.length))
    }
  })
  return { plan, counts, most: [...most.values()] }
}

describe('planMix', () => {
  it('tells everything once unless told otherwise', () => {
    expect(told({}).counts).toEqual([[8000, 1500, 500]])
  })

  it('follows weights, and repeats the scarcest as often as allowed', () => {
    const { plan, counts, most } = told({ weights: { web: 1, kazakh: 1 }, epochs: 3 })
    expect(plan.epochs).toEqual([[1500 / 8000, 0, 3]])
    expect(planMix({ none: 0, ...sizes }, { weights: { web: 1, kazakh: 1 }, epochs: 3 }).epochs).toEqual([
      [0, 1500 / 8000, 0, 3],
    ])
    expect(counts[0].slice(1)).toEqual([0, 1500])
    // Each of 8000 documents comes with a probability of 3/16: standard deviation 35; five of them.
    expect(Math.abs(counts[0][0] - 1500)).toBeLessThan(175)
    expect(most).toEqual([1, 0, 3])
  })

  it('raises small sources with temperature', () => {
    const shares = (temperature: number) => {
      const { sources, epochs } = planMix(sizes, { temperature })
      const tokens = sources.map((source, i) => epochs[0][i] * sizes[source as keyof typeof sizes])
      const sum = tokens.reduce((a, b) => a + b)
      return tokens.map((count) => count / sum)
    }
    expect(shares(1)).toEqual([0.8, 0.15, 0.05])
    const roots = [8000, 1500, 500].map(Math.sqrt)
    const sum = roots.reduce((a, b) => a + b)
    for (const [i, share] of shares(2).entries()) expect(share).toBeCloseTo(roots[i] / sum, 12)
    for (const share of shares(Number.POSITIVE_INFINITY)) expect(share).toBeCloseTo(1 / 3, 12)
  })

  it('has stages, whose documents are told again only when all have been', () => {
    const { plan, counts } = told({
      epochs: 2,
      stages: [
        { share: 3, weights: { web: 9, books: 1 } },
        { share: 1, weights: { books: 1, kazakh: 1 } },
      ],
    })
    const tokens = plan.epochs.map((stage) => stage.map((epochs, i) => epochs * Object.values(sizes)[i]))
    const [first, second] = tokens.map((stage) => stage.reduce((a, b) => a + b))
    expect(first / second).toBeCloseTo(3, 12)
    expect(tokens[0][0] / tokens[0][1]).toBeCloseTo(9, 12)
    expect(tokens[1][1]).toBeCloseTo(tokens[1][2], 9)
    const most = Math.max(...plan.sources.map((_, i) => plan.epochs[0][i] + plan.epochs[1][i]))
    expect(most).toBeCloseTo(2, 12)
    for (const [stage, row] of counts.entries()) {
      for (const [i, count] of row.entries()) {
        expect(Math.abs(count - tokens[stage][i])).toBeLessThan(5 * Math.sqrt(tokens[stage][i]) + 1)
      }
    }
    // Where a source is told less than twice over both stages, nobody is told twice before all were told once.
    const keys = Array.from({ length: 1500 }, (_, document) => mixKeys(plan, { document, source: 1, seed: 1 }))
    const epochs = plan.epochs[0][1] + plan.epochs[1][1]
    if (epochs >= 1) expect(keys.every((list) => list.length >= 1)).toBe(true)
    else expect(keys.every((list) => list.length <= 1)).toBe(true)
  })

  it('orders by seed and number alone', () => {
    const plan = planMix(sizes)
    const at = (document: number, seed: number) => mixKeys(plan, { document, source: 0, seed })
    expect(at(5, 1)).toEqual(at(5, 1))
    expect(at(5, 1)).not.toEqual(at(6, 1))
    expect(at(5, 1)).not.toEqual(at(5, 2))
    const mean = Array.from({ length: 4000 }, (_, i) => at(i, 7)[0]).reduce((a, b) => a + b) / 4000
    // Standard deviation of the mean of 4000 uniform numbers: 0.0046; five of them.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.023)
  })

  it('says what cannot be', () => {
    expect(() => planMix(sizes, { weights: { wiki: 1 } })).toThrow(
      'there is no text of the source wiki; there are web, books, kazakh',
    )
    expect(() => planMix(sizes, { weights: { web: -1 } })).toThrow(ConfigError)
    expect(() => planMix(sizes, { weights: { web: 0 } })).toThrow(/all weights are 0/)
    expect(() => planMix(sizes, { epochs: 0 })).toThrow(/epochs is 0/)
    expect(() => planMix(sizes, { temperature: 0 })).toThrow(/temperature/)
    expect(() => planMix(sizes, { stages: [{ share: -1 }] })).toThrow(/shares/)
    expect(() => planMix({ a: 0 })).toThrow(/no tokens/)
  })
})
