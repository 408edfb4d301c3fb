import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonPrefixes } from './common-prefixes.ts'
import { suffixArray } from './suffix-array.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** By comparing suffixes. */
function sorted(s: ArrayLike<number>): number[] {
  return Array.from({ length: s.length }, (_, i) => i).sort((a, b) => {
    const same = common(s, a, b)
    if (Math.max(a, b) + same === s.length) return b - a
    return s[a + same] - s[b + same]
  })
}

function common(s: ArrayLike<number>, a: number, b: number): number {
  let length = 0
  while (a !== b && Math.max(a, b) + length < s.length && s[a + length] === s[b + length]) length++
  return length
}

function expectOrder(s: Uint8Array | Uint32Array): void {
  const order = suffixArray(s)
  expect([...order], String(s)).toEqual(sorted(s))
  const prefixes = commonPrefixes(s, order)
  const expected = [...order].map((p, i) => (i === 0 ? 0 : common(s, p, order[i - 1])))
  expect(
    [...order].map((p) => prefixes[p]),
    String(s),
  ).toEqual(expected)
}

/** Linear, so that long sequences can be held against the definition: each suffix is smaller than the next. */
function expectSorted(s: Uint8Array, order: Int32Array): void {
  const rank = new Int32Array(s.length + 1).fill(-1)
  let wrong = 0
  for (let i = 0; i < s.length; i++) {
    if (rank[order[i]] !== -1) wrong++
    rank[order[i]] = i
  }
  for (let i = 1; i < s.length; i++) {
    const [a, b] = [order[i - 1], order[i]]
    if (s[a] > s[b] || (s[a] === s[b] && rank[a + 1] >= rank[b + 1])) wrong++
  }
  expect(wrong).toBe(0)
}

const fibonacci = (length: number) => {
  let [a, b] = ['a', 'ab']
  while (b.length < length) [a, b] = [b, b + a]
  return bytes(b.slice(0, length))
}

/** All words of n bits once, in a ring: linear feedback of the polynomial x²⁰ + x³ + 1. */
const deBruijn = (length: number) => {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (state >>> 1) | (((state ^ (state >>> 3)) & 1) << 19)
    return state & 1
  })
}

describe('suffixArray', () => {
  it('is right for every sequence of up to 8 symbols of a small alphabet', () => {
    for (const [symbols, longest] of [
      [1, 8],
      [2, 8],
      [3, 7],
      [4, 5],
    ]) {
      for (let length = 0; length <= longest; length++) {
        for (let code = 0; code < symbols ** length; code++) {
          const s = Uint8Array.from({ length }, (_, i) => Math.floor(code / symbols ** i) % symbols)
          if (String(suffixArray(s)) !== String(sorted(s))) expectOrder(s)
        }
      }
    }
  })

  it('and common prefixes are right for random bytes, texts and tokens', () => {
    fc.assert(fc.property(fc.uint8Array({ max: 3, maxLength: 80 }), expectOrder))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectOrder))
    fc.assert(fc.property(fc.uint32Array({ max: 50_000, maxLength: 60 }), expectOrder))
    const words = fc.array(fc.constantFrom('an', 'ana', 'banana', ' '), { maxLength: 40 })
    fc.assert(fc.property(words, (all) => expectOrder(bytes(all.join('')))))
  })

  it('reads a part of a larger buffer', () => {
    const whole = Uint32Array.of(9, 9, 2, 1, 2, 9)
    expect([...suffixArray(whole.subarray(2, 5))]).toEqual([1, 2, 0])
  })

  it.each([
    ['one letter', (n: number) => new Uint8Array(n).fill(97)],
    ['two letters in turn', (n: number) => Uint8Array.from({ length: n }, (_, i) => i & 1)],
    ['Fibonacci word', fibonacci],
    ['de Bruijn sequence', deBruijn],
    ['descending', (n: number) => Uint8Array.from({ length: n }, (_, i) => 255 - Math.floor((256 * i) / n))],
  ])('sorts long sequences that are hard for others: %s', (_, make) => {
    const s = make(300_000)
    const order = suffixArray(s)
    expectSorted(s, order)
    commonPrefixes(s, order) // would take hours, were it quadratic
  })
})
