import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../base/index.ts'
import { cutAt } from './cut.ts'
import { exponential } from './exponential.ts'
import { forbid } from './forbid.ts'
import { likeliestIds, logSumExp } from './log-probabilities.ts'
import type { SamplingOptions } from './options.ts'
import { sampler } from './sampler.ts'

/**
 * The probabilities that the options promise, written as their papers say it: every token a row of a table, sorted at each cut.
 */
function promisedProbabilities(logits: ArrayLike<number>, options: SamplingOptions, mu?: number): Map<number, number> {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, typicalP = 1 } = options
  let rows = Array.from(logits, (logit, id) => ({ id, logit: logit / temperature })).filter(
    ({ logit }) => logit > Number.NEGATIVE_INFINITY,
  )
  const withP = () => {
    const most = Math.max(...rows.map(({ logit }) => logit))
    const total = rows.reduce((sum, { logit }) => sum + Math.exp(logit - most), 0)
    return rows.map((row) => ({ ...row, p: Math.exp(row.logit - most) / total }))
  }
  const cut = (key: (row: { p: number }) => number, share: number) => {
    let reached = 0
    const sorted = withP().sort((a, b) => key(b) - key(a) || a.id - b.id)
    rows = sorted.filter(({ p }) => {
      const stays = reached < share
      reached += p
      return stays
    })
  }
  const greatest = Math.max(...withP().map(({ p }) => p))
  if (minP > 0) rows = withP().filter(({ p }) => p >= minP * greatest * (1 - 1e-12))
  if (topK > 0) rows = rows.sort((a, b) => b.logit - a.logit || a.id - b.id).slice(0, topK)
  if (topP < 1) cut(({ p }) => p, topP)
  if (typicalP < 1) {
    const entropy = withP().reduce((sum, { p }) => sum - p * Math.log(p), 0)
    cut(({ p }) => -Math.abs(-Math.log(p) - entropy), typicalP)
  }
  if (mu !== undefined) {
    const best = Math.max(...withP().map(({ p }) => p))
    rows = withP().filter(({ p }) => -Math.log2(p) <= mu || p === best)
  }
  return new Map(withP().map(({ id, p }) => [id, p]))
}

/** The probabilities with which a sampler draws: it is asked for the borders between its draws, by bisection. */
function drawnProbabilities(logits: Float32Array, options: SamplingOptions): Map<number, number> {
  const at = (uniform: number) => sampler(options).next(logits.slice(), uniform)
  const found = new Map<number, number>()
  for (let from = 0; from < 1; ) {
    const id = at(from)
    let low = from
    let high = 1
    while (high - low > 1e-15) {
      const middle = (low + high) / 2
      if (at(middle) === id) low = middle
      else high = middle
    }
    found.set(id, (found.get(id) ?? 0) + high - from)
    from = high
  }
  return found
}

const rng = random(3)
const spread = (size: number, width: number) => Float32Array.from({ length: size }, () => (rng.next() - 0.5) * width)
const few = spread(30, 8)

describe('a draw', () => {
  it.each<SamplingOptions>([
    {},
    { temperature: 0.7 },
    { temperature: 2.5 },
    { topK: 1 },
    { topK: 5 },
    { topK: 100 },
    { topP: 0.9 },
    { topP: 0.001 },
    { temperature: 1.7, topP: 0.8 },
    { minP: 0.1 },
    { minP: 1 },
    { typicalP: 0.6 },
    { typicalP: 0.05 },
    { temperature: 1.5, minP: 0.02, topK: 12, topP: 0.9, typicalP: 0.7 },
  ])('has the probabilities that %j promises', (options) => {
    const promised = promisedProbabilities(few, options)
    const drawn = drawnProbabilities(few, options)
    expect(new Set(drawn.keys())).toEqual(new Set(promised.keys()))
    // Bisection ends at 1e-15, sums of 30 roundings are about as near.
    for (const [id, p] of promised) expect(Math.abs(drawn.get(id)! - p), `of ${id}`).toBeLessThan(1e-13)
  })

  it('keeps the lowest of equals', () => {
    const equal = Float32Array.of(1, 2, 2, 2, 0)
    expect(sampler({ temperature: 0 }).next(equal.slice(), 0.9)).toBe(1)
    expect(new Set(drawnProbabilities(equal, { topK: 2 }).keys())).toEqual(new Set([1, 2]))
    expect(new Set(drawnProbabilities(new Float32Array(500), { topK: 3 }).keys())).toEqual(new Set([0, 1, 2]))
    expect(new Set(drawnProbabilities(new Float32Array(500), { topP: 0.0079 }).keys())).toEqual(new Set([0, 1, 2, 3]))
  })

  it('follows its probabilities in 20,000 draws', () => {
    const options = { temperature: 1.2, topP: 0.95 }
    const promised = promisedProbabilities(few, options)
    const counts = new Map<number, number>()
    const draws = sampler(options)
    for (let i = 0; i < 20_000; i++) {
      const id = draws.next(few.slice(), random({ seed: 4, stream: 0, position: i }).next())
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    let chiSquare = 0
    for (const [id, p] of promised) chiSquare += ((counts.get(id) ?? 0) - 20_000 * p) ** 2 / (20_000 * p)
    // Wilson and Hilferty: of n degrees of freedom, one in 10,000 is above this.
    const n = promised.size - 1
    expect(chiSquare).toBeLessThan(n * (1 - 2 / (9 * n) + 3.72 * Math.sqrt(2 / (9 * n))) ** 3)
  })

  it('never takes what is forbidden, and says so when all is', () => {
    const bias = Object.fromEntries(Array.from({ length: 29 }, (_, id) => [id, Number.NEGATIVE_INFINITY]))
    expect(drawnProbabilities(few, { logitBias: bias })).toEqual(new Map([[29, 1]]))
    expect(sampler({ temperature: 0, logitBias: bias }).next(few.slice(), 0)).toBe(29)
    for (const temperature of [0, 1])
      expect(() =>
        sampler({ temperature, logitBias: { ...bias, 29: Number.NEGATIVE_INFINITY } }).next(few.slice(), 0),
      ).toThrow('every token is forbidden')
    expect(() => sampler({ logitBias: { 30: 1 } }).next(few.slice(), 0)).toThrow('names id 30, but there are 30 tokens')
  })

  it.each<[SamplingOptions, string]>([
    [{ temperature: -1 }, 'temperature must be 0 or more'],
    [{ temperature: Number.NaN }, 'temperature'],
    [{ topK: 1.5 }, 'topK must be a whole number'],
    [{ topP: 0 }, 'topP must be above 0'],
    [{ minP: 2 }, 'minP must be from 0 to 1'],
    [{ typicalP: 0 }, 'typicalP'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty must be above 0'],
    [{ mirostat: { tau: 0 } }, 'mirostat.tau'],
    [{ mirostat: {}, topK: 4 }, 'leave out topK'],
    [{ dry: { multiplier: 1, base: 0.5 } }, 'dry.base'],
    [{ logitBias: { 1: Number.NaN } }, 'logitBias of 1'],
  ])('refuses %j', (options, message) => {
    expect(() => sampler(options)).toThrow(message)
  })
})

describe('penalties', () => {
  /** The logits that are left after penalties, found by asking which id wins under a bias. */
  const after = (options: SamplingOptions, prompt: number[], drawn: number[], logits: number[]) => {
    const draws = sampler({ ...options, temperature: 0 }, prompt)
    for (const id of drawn) draws.accept(id)
    const changed = Float32Array.from(logits)
    draws.next(changed, 0)
    return Array.from(changed)
  }

  it('divide positive logits of what occurred, and multiply negative ones', () => {
    expect(after({ repetitionPenalty: 2 }, [0], [1, 1], [4, -3, 5])).toEqual([2, -6, 5])
  })
  it('count what was drawn, and not the prompt', () => {
    expect(after({ presencePenalty: 0.5 }, [0], [1, 1], [4, -3, 5])).toEqual([4, -3.5, 5])
    expect(after({ frequencyPenalty: 0.5 }, [0], [1, 1, 2], [4, -3, 5])).toEqual([4, -4, 4.5])
  })
  it('come after biases and before the temperature', () => {
    expect(after({ logitBias: { 0: 4 }, repetitionPenalty: 2 }, [0], [], [4, 0, 0])).toEqual([4, 0, 0])
    const draws = sampler({ temperature: 0.5, presencePenalty: 1, topK: 1 })
    draws.accept(0)
    expect(draws.next(Float32Array.of(1.4, 1), 0.5)).toBe(1)
  })
  it('of DRY grow with the length of the repetition', () => {
    const dry = { multiplier: 1, base: 2, allowedLength: 2 }
    // "5 6 7 8 … 5 6 7": 8 would repeat three tokens.
    expect(after({ dry }, [5, 6, 7, 8, 0], [5, 6, 7], [0, 0, 0, 0, 0, 0, 0, 0, 0])).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, -2,
    ])
    // One token is no repetition.
    expect(after({ dry }, [7, 8, 0], [7], new Array(9).fill(0))).toEqual(new Array(9).fill(0))
    // Nor does one reach over a breaker.
    expect(after({ dry: { ...dry, breakers: [6] } }, [5, 6, 7, 8, 0, 5, 6, 7], [], new Array(9).fill(0))).toEqual(
      new Array(9).fill(0),
    )
  })
  it('of DRY are those of a plain search', () => {
    const letters = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 })
    fc.assert(
      fc.property(letters, fc.constantFrom([], [2]), (text, breakers) => {
        const expected = new Array(3).fill(0)
        const longest = [0, 0, 0]
        for (let end = 0; end + 1 < text.length; end++) {
          let n = 0
          while (
            n <= end &&
            text[end - n] === text[text.length - 1 - n] &&
            !breakers.includes(text[text.length - 1 - n] as never)
          )
            n++
          longest[text[end + 1]] = Math.max(longest[text[end + 1]], n)
        }
        for (const id of [0, 1, 2])
          if (longest[id] >= 2 && !breakers.includes(id as never))
            expected[id] = Math.fround(-(1.5 ** (longest[id] - 2)))
        expect(after({ dry: { multiplier: 1, base: 1.5, breakers } }, text, [], [0, 0, 0])).toEqual(expected)
      }),
    )
  })
})

describe('mirostat', () => {
  it('cuts at the surprise μ, which follows the surprise of what is drawn', () => {
    const options = { mirostat: { tau: 2, eta: 0.4 } }
    const draws = sampler(options)
    let mu = 4
    for (let i = 0; i < 50; i++) {
      const logits = spread(40, 6)
      const promised = promisedProbabilities(logits, {}, mu)
      const id = draws.next(logits, rng.next())
      expect(promised.has(id)).toBe(true)
      draws.accept(id)
      mu -= 0.4 * (-Math.log2(promised.get(id)!) - 2)
    }
    // The last cut is where the formula says, to the last candidate.
    const logits = spread(40, 6)
    const promised = promisedProbabilities(logits, {}, mu)
    const ends = [0, 1 - 1e-12].map((uniform) => draws.next(logits.slice(), uniform))
    const ids = [...promised.keys()].sort((a, b) => a - b)
    expect(ends).toEqual([ids[0], ids[ids.length - 1]])
  })
})

describe('the parts', () => {
  it('cutAt keeps the fewest that reach the goal, as sorting does', () => {
    const element = fc.record({
      key: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ min: -50, max: 0, noNaN: true })),
      amount: fc.integer({ min: 0, max: 9 }),
    })
    fc.assert(
      fc.property(
        fc.array(element, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (elements, share) => {
          const keys = Float64Array.from(elements, ({ key }) => key)
          const amounts = Float64Array.from(elements, ({ amount }) => amount)
          const total = amounts.reduce((sum, amount) => sum + amount, 0)
          if (total === 0) return
          let reached = 0
          const expected = elements
            .map((each, place) => ({ ...each, place }))
            .sort((a, b) => b.key - a.key || a.place - b.place)
            .filter(({ amount }) => {
              const stays = reached < share * total
              reached += amount
              return stays
            })
            .map(({ place }) => place)
          const { key, ties } = cutAt(keys, amounts, keys.length, share * total)
          let left = ties
          const kept = elements.flatMap((each, place) =>
            each.key > key || (each.key === key && left-- > 0) ? [place] : [],
          )
          expect(kept).toEqual(expected.sort((a, b) => a - b))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('exponential is within 4 units in the last place of Math.exp', () => {
    let worst = 0
    for (let i = 0; i < 200_000; i++) {
      const x = -rng.next() * 690 * rng.next() ** 3
      worst = Math.max(worst, Math.abs(exponential(x) / Math.exp(x) - 1))
    }
    expect(worst).toBeLessThan(4 * Number.EPSILON)
    expect([0, -0, -1e-300].map(exponential)).toEqual([1, 1, 1])
    expect([-701, Number.NEGATIVE_INFINITY, Number.NaN].map(exponential)).toEqual([0, 0, 0])
  })

  it('log-probabilities sum to 1, the likeliest first, of equals the lowest', () => {
    const logits = spread(1000, 20)
    const normalizer = logSumExp(logits)
    expect(logits.reduce((sum, logit) => sum + Math.exp(logit - normalizer), 0)).toBeCloseTo(1, 12)
    const sorted = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b)
    expect(likeliestIds(logits, 20)).toEqual(sorted.slice(0, 20))
    expect(likeliestIds(Float32Array.of(1, 3, 3, 2, 3), 4)).toEqual([1, 2, 4, 3])
    expect(likeliestIds(logits, 0)).toEqual([])
  })

  it('forbid leaves what a constraint allows, and stop ids where the text may end', () => {
    const constraint = (mayEnd: boolean) => ({
      allowed: () => Uint32Array.of(0b101, 1),
      accept() {},
      mayEnd,
      mustEnd: false,
      clone: () => constraint(mayEnd),
    })
    for (const mayEnd of [true, false]) {
      const logits = new Float32Array(70).fill(1)
      forbid(logits, constraint(mayEnd), [0, 69])
      const left = Array.from(logits.keys()).filter((id) => logits[id] === 1)
      expect(left).toEqual(mayEnd ? [0, 2, 32, 69] : [2, 32])
    }
  })
})
