import { describe, expect, it } from 'vitest'
import { random } from '../../../base/index.ts'
import { NgramCounts } from './ngram-counts.ts'

const letters = 'abcd'

/** Lines over a few letters, where each letter prefers some others. */
function lines(count: number, seed = 1): string[] {
  const rng = random(seed)
  return Array.from({ length: count }, () => {
    let line = ''
    let last = 0
    const length = 1 + rng.integer(12)
    for (let i = 0; i < length; i++) {
      last = rng.next() < 0.7 ? (last + 1) % 3 : rng.integer(3)
      line += letters[last]
    }
    return line
  })
}

/** Kneser-Ney by the book: sums over all n-grams, no hashes. The units are single characters. */
function byTheBook(texts: readonly string[], order: number) {
  const counts = Array.from({ length: order + 1 }, () => new Map<string, number>())
  const before = '^'.repeat(order - 1)
  for (const text of texts) {
    const padded = before + text
    for (let i = order; i <= padded.length; i++) {
      const ngram = padded.slice(i - order, i)
      counts[order].set(ngram, (counts[order].get(ngram) ?? 0) + 1)
    }
  }
  for (let n = order - 1; n > 0; n--) {
    for (const longer of counts[n + 1].keys()) counts[n].set(longer.slice(1), (counts[n].get(longer.slice(1)) ?? 0) + 1)
  }
  const discounts = counts.map((table) => {
    const n = [0, 1, 2, 3, 4].map((k) => [...table.values()].filter((count) => count === k).length)
    if (n[1] === 0 || n[2] === 0 || n[3] === 0) return [0, 0.5, 1, 1.5]
    const y = n[1] / (n[1] + 2 * n[2])
    return [0, ...[1, 2, 3].map((k) => Math.min(k, Math.max(0.05, k - ((k + 1) * y * n[k + 1]) / n[k])))]
  })
  const vocabulary = counts[1].size
  const probability = (context: string, letter: string): number => {
    const n = context.length + 1
    const shorter = n === 1 ? 1 / (vocabulary + 1) : probability(context.slice(1), letter)
    const followers = [...counts[n]].filter(([ngram]) => ngram.slice(0, -1) === context)
    const total = followers.reduce((sum, [, count]) => sum + count, 0)
    if (total === 0) return shorter
    const discount = (count: number) => discounts[n][Math.min(count, 3)]
    const count = counts[n].get(context + letter) ?? 0
    const rest = followers.reduce((sum, [, met]) => sum + discount(met), 0) / total
    return (count > 0 ? (count - discount(count)) / total : 0) + rest * shorter
  }
  return (text: string): number => {
    let bits = 0
    const padded = before + text
    for (let i = order - 1; i < padded.length; i++)
      bits -= Math.log2(probability(padded.slice(i - order + 1, i), padded[i]))
    return bits
  }
}

describe('NgramCounts', () => {
  it.each([1, 2, 3, 5])('is Kneser-Ney by the book, order %i', (order) => {
    const texts = lines(60)
    const counts = new NgramCounts({ unit: 'character', order, pruneFrom: 9 })
    for (const text of texts) counts.add(text)
    const model = counts.model()
    const expected = byTheBook(texts, order)
    for (const text of [...texts.slice(0, 10), ...lines(10, 2), 'dddd', 'adcb', 'x']) {
      // Shares are kept in float32: each unit is off by at most 2 · order roundings of 2⁻²⁴.
      const bound = (2 * order * text.length * 2 ** -24) / Math.LN2
      expect(Math.abs(model.score(text).bits - expected(text)), text).toBeLessThan(bound + 1e-9)
    }
  })

  it.each([
    ['whole', { pruneFrom: 9 }],
    ['pruned', { pruneFrom: 2 }],
    ['of full tables', { pruneFrom: 9, bits: 10 }],
  ])('gives probabilities that sum to one, %s', (_, options) => {
    const counts = new NgramCounts({ unit: 'character', order: 6, ...options })
    const rng = random(3)
    const all = 'abcdefghij'
    for (let i = 0; i < 300; i++)
      counts.add(Array.from({ length: 30 }, () => all[rng.integer(1 + rng.integer(10))]).join(''))
    const model = counts.model()
    for (const context of ['', 'a', 'ab', 'abcab', 'aaaaaaa', 'jjjjjj', 'xa', 'bax']) {
      const bits = model.score(context).bits
      let sum = 0
      // x stands for all that was never met.
      for (const next of `${all}x`) sum += 2 ** (bits - model.score(context + next).bits)
      expect(Math.abs(sum - 1), context).toBeLessThan(1e-5)
    }
  })

  it('keeps to its room', () => {
    const counts = new NgramCounts({ unit: 'word', order: 3, bits: 10 })
    const rng = random(4)
    for (let i = 0; i < 200; i++) {
      counts.add(Array.from({ length: 100 }, () => `w${Math.floor(1 / (rng.next() + 1e-4))}`).join(' '))
    }
    const model = counts.model()
    for (const table of model.tables) expect(table.size).toBeLessThan(2 * 1024)
    expect(model.vocabulary).toBeLessThanOrEqual(768)
    // Frequent words are still foreseen far better than others.
    expect(model.bitsPerUnit('w1 w1 w2 w1')).toBeLessThan(4)
    expect(model.bitsPerUnit('w1 never met')).toBeGreaterThan(6)
  })

  it('foresees texts like those it was made of', () => {
    const counts = new NgramCounts({ unit: 'word', order: 3 })
    const text = (i: number) =>
      `the ${['cat', 'dog', 'bird'][i % 3]} sat on the ${['mat', 'roof'][i % 2]} and looked at me`
    for (let i = 0; i < 200; i++) counts.add(text(i))
    const model = counts.model()
    // Two choices, of 3 and of 2, in 11 words.
    const least = Math.log2(6) / 11
    expect(model.bitsPerUnit(text(0))).toBeGreaterThan(least)
    expect(model.bitsPerUnit(text(0))).toBeLessThan(2 * least)
    expect(model.bitsPerUnit('me at looked and roof the on sat dog the')).toBeGreaterThan(10 * least)
    expect(model.bitsPerUnit('…')).toBeUndefined()
    expect(model.perplexity('the')).toBeCloseTo(2 ** model.score('the').bits, 9)
  })
})
