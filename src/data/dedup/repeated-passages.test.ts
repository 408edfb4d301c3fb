import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { repeatedPassages } from './repeated-passages.ts'
import { repeatedRuns } from './repeated-runs.ts'
import { withoutSpans } from './without-spans.ts'

/** By the definition: every run is compared with every earlier one. */
function naiveRuns(s: ArrayLike<number>, shortest: number, ends: readonly number[]): boolean[] {
  const removed = Array.from({ length: s.length }, () => false)
  const documentOf = Array.from({ length: s.length }, (_, p) => ends.findIndex((end) => p < end))
  const fits = (p: number) => p + shortest <= ends[documentOf[p]]
  for (let p = 0; p < s.length; p++) {
    for (let q = 0; fits(p) && q < p; q++) {
      if (!fits(q) || !Array.from({ length: shortest }).every((_, i) => s[p + i] === s[q + i])) continue
      for (let i = Math.max(p, q + shortest); i < p + shortest; i++) removed[i] = true
      break
    }
  }
  return removed
}

const marked = (spans: readonly number[], length: number) =>
  Array.from({ length }, (_, i) => spans.some((from, k) => k % 2 === 0 && i >= from && i < spans[k + 1]))

const lengths = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 5 })
const cases = lengths.chain((sizes) => {
  const length = sizes.reduce((sum, size) => sum + size, 0)
  return fc.record({
    sequence: fc.uint8Array({ max: 2, minLength: length, maxLength: length }),
    ends: fc.constant(sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0))),
    shortest: fc.integer({ min: 1, max: 6 }),
  })
})

describe('repeatedRuns', () => {
  it('is what comparing every run with every earlier one gives', () => {
    fc.assert(
      fc.property(cases, ({ sequence, ends, shortest }) => {
        for (const s of [sequence, Uint32Array.from(sequence, (x) => 40_000 + x)]) {
          const spans = repeatedRuns(s, { shortest, ends })
          expect(marked(spans, s.length)).toEqual(naiveRuns(sequence, shortest, ends))
          for (let i = 1; i < spans.length; i++) expect(spans[i]).toBeGreaterThan(spans[i - 1])
        }
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the first of runs that overlap themselves', () => {
    expect(repeatedRuns(new Uint8Array(1000), { shortest: 100 })).toEqual([100, 1000])
  })

  it('takes no more memory than allowed, and says how to go on', () => {
    const options = { shortest: 5, memoryLimitBytes: 800 }
    expect(() => repeatedRuns(new Uint8Array(100), options)).toThrow('900 bytes of memory')
    expect(() => repeatedRuns(new Uint8Array(3), { shortest: 0 })).toThrow('shortest')
    expect(() => repeatedRuns(new Uint8Array(3), { shortest: 1, ends: [2] })).toThrow('must be 3')
    expect(() => repeatedRuns(new Uint8Array(3), { shortest: 1, ends: [2, 1, 3] })).toThrow('ascend')
    expect(() => repeatedPassages(['abc'.repeat(100)], { memoryLimitBytes: 1000 })).toThrow('2700 bytes of memory')
  })
})

describe('repeatedPassages', () => {
  const passage = 'Қайталанған мәтін, written twice, 二度書かれた 🎈🎈.'

  it('finds what was said before, in whole characters', () => {
    const texts = [`One. ${passage} Two.`, '', `${passage}`, `Three! ${passage}Four 🎈`]
    const spans = repeatedPassages(texts, { shortest: 40 })
    expect(texts.map((text, i) => withoutSpans(text, spans[i]).text)).toEqual([texts[0], '', '', 'Three!Four 🎈'])
  })

  it('does not see a passage across the border of two documents', () => {
    expect(repeatedPassages(['0123456789', '01234', '56789'], { shortest: 8 }).flat()).toEqual([])
  })

  it('keeps two documents apart that are repeated one behind the other', () => {
    const texts = [passage, passage, passage]
    expect(repeatedPassages(texts, { shortest: 20 })).toEqual([[], [[0, passage.length]], [[0, passage.length]]])
  })

  it('never cuts a character, loses nothing that was not said before, and takes any text', () => {
    const piece = fc.constantFrom('a', 'ә', 'ab', '二', '🎈', '🎉', '\ud83c', '\udf88', 'é', 'ĩ', ' ')
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    const encoder = new TextEncoder()
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (texts, shortest) => {
        const ends: number[] = []
        const bytes = texts.flatMap((each) => {
          const encoded = [...encoder.encode(each)]
          ends.push((ends.at(-1) ?? 0) + encoded.length)
          return encoded
        })
        const removable = naiveRuns(bytes, shortest, ends)
        repeatedPassages(texts, { shortest }).forEach((spans, i) => {
          const expected: string[] = []
          let at = i === 0 ? 0 : ends[i - 1]
          for (const character of texts[i]) {
            const size = encoder.encode(character).length
            if (!removable.slice(at, at + size).every(Boolean)) expected.push(character)
            at += size
          }
          expect(withoutSpans(texts[i], spans).text).toBe(expected.join(''))
          for (const [from, to] of spans) expect(to).toBeGreaterThan(from)
        })
      }),
      { numRuns: 300 },
    )
  })
})
