import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shingleCount, shingles } from './shingles.ts'

const all = (words: Uint32Array, size: number, from = 0, to = shingleCount(words.length, size)) => {
  const out = new Uint32Array(to - from)
  shingles(words, size, from, to, out)
  return [...out]
}

it('hashes each run as that run alone, wherever it is begun', () => {
  const cases = fc.record({ words: fc.uint32Array({ maxLength: 40 }), size: fc.integer({ min: 1, max: 15 }) })
  fc.assert(
    fc.property(cases, fc.nat(), ({ words, size }, cut) => {
      const whole = all(words, size)
      const expected = whole.map((_, i) => all(words.slice(i, i + size), size)[0])
      expect(whole).toEqual(expected)
      const middle = whole.length === 0 ? 0 : cut % whole.length
      expect([...all(words, size, 0, middle), ...all(words, size, middle)]).toEqual(whole)
    }),
  )
})

it('takes fewer words as one run, none as none', () => {
  expect(all(new Uint32Array(0), 5)).toEqual([])
  expect(all(Uint32Array.of(1, 2), 5)).toHaveLength(1)
  expect(all(Uint32Array.of(1, 2), 5)).not.toEqual(all(Uint32Array.of(2, 1), 5))
})
