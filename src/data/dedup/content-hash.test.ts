import { describe, expect, it } from 'vitest'
import { outlineOf } from '../index.ts'
import { contentHash, wordsHash } from './content-hash.ts'
import { documentHash, ExactDuplicates } from './exact-duplicates.ts'

const bits = (x: number) => {
  let count = 0
  for (let rest = x >>> 0; rest > 0; rest = (rest & (rest - 1)) >>> 0) count++
  return count
}
const hex = ({ high, low }: { high: number; low: number }) => `${high.toString(16)} ${low.toString(16)}`

/** Texts that differ in as little as texts can: numbers, a letter more, capitals, letters that change places. */
function* neighbours(): Generator<string> {
  for (let i = 0; i < 60_000; i++) yield `${i}`
  for (let i = 0; i < 20_000; i++) yield `document ${i}: the same words follow here`
  for (let i = 1; i < 20_000; i++) yield 'a'.repeat(i)
  for (let i = 0; i < 0x10000; i++) yield `${String.fromCharCode(i)}x${String.fromCharCode(i ^ 1)}`
}

describe('contentHash', () => {
  it('has as few collisions in each half as random numbers have', () => {
    const texts = [...neighbours()]
    const hashes = texts.map((text) => contentHash(text))
    expect(new Set(hashes.map(hex)).size).toBe(new Set(texts).size)
    // Pairs / 2³² on average, and six standard deviations of Poisson's distribution more.
    const mean = texts.length ** 2 / 2 ** 33
    for (const half of ['high', 'low'] as const) {
      const collisions = texts.length - new Set(hashes.map((hash) => hash[half])).size
      expect(collisions).toBeLessThan(mean + 6 * Math.sqrt(mean))
    }
  })

  it('changes half of its bits when any bit of any place changes', () => {
    const text = 'Алфавит begins here, and ends.'
    const { high, low } = contentHash(text)
    let changed = 0
    for (let i = 0; i < text.length; i++) {
      for (let bit = 0; bit < 16; bit++) {
        const other = text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ (1 << bit)) + text.slice(i + 1)
        const hash = contentHash(other)
        const distance = bits(hash.high ^ high) + bits(hash.low ^ low)
        // 64 fair coins: 480 trials fall below 10 or above 54 with a probability of 480 · 10⁻⁸.
        expect(distance).toBeGreaterThan(9)
        expect(distance).toBeLessThan(55)
        changed += distance
      }
    }
    const flips = 64 * 16 * text.length
    expect(Math.abs(changed / flips - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / flips))
  })

  it('depends on the part alone, and on its length', () => {
    expect(contentHash('xxabcxx', 2, 5)).toEqual(contentHash('abc'))
    expect(contentHash('abc\0')).not.toEqual(contentHash('abc'))
    expect(contentHash('')).not.toEqual(contentHash('\0'))
  })

  it('of words ignores capitals, spaces and punctuation, and nothing else', () => {
    const of = (text: string) => wordsHash(outlineOf(text))
    expect(of('Қара, БАЛА!')).toEqual(of('қара\n  бала'))
    expect(of('бала қара')).not.toEqual(of('қара бала'))
    expect(of('a a')).not.toEqual(of('a'))
    expect(wordsHash(outlineOf('x one two y'), 1, 3)).toEqual(of('one two'))
  })
})

describe('ExactDuplicates', () => {
  it('finds every copy and nothing else, in the order of documents', () => {
    const texts = Array.from({ length: 5000 }, (_, i) => `text ${(i * 7919) % 1700}`)
    const seen = new ExactDuplicates()
    const firsts = new Map<string, number>()
    texts.forEach((text, i) => {
      const expected = firsts.get(text)
      if (expected === undefined) firsts.set(text, i)
      expect(seen.add(documentHash(outlineOf(text)))).toBe(expected)
    })
  })

  it('does not take texts without words for one when normalized', () => {
    const seen = new ExactDuplicates()
    const add = (text: string) => seen.add(documentHash(outlineOf(text), { normalized: true }))
    expect(['!', '?', '', '!', 'A', 'a.'].map(add)).toEqual([undefined, undefined, undefined, 0, undefined, 4])
  })
})
