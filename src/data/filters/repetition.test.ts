import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outlineOf } from '../index.ts'
import { Draft, type Drop } from './filter.ts'
import { repeatedGrams } from './repeated-grams.ts'
import { repeatedLines } from './repeated-lines.ts'
import { repetition } from './repetition.ts'

/** The definition: runs of n · step words as strings. */
function plainGrams(words: readonly string[], n: number, step: number): number {
  const size = n * step
  const grams = words.slice(size - 1).map((_, i) => words.slice(i, i + size).join(' '))
  if (n <= 4) {
    const counts = new Map<string, number>()
    for (const gram of grams) counts.set(gram, (counts.get(gram) ?? 0) + 1)
    const most = Math.max(1, ...counts.values())
    const commonest = [...counts].filter(([, count]) => count === most)
    return most === 1 ? 0 : most * Math.max(...commonest.map(([gram]) => gram.replaceAll(' ', '').length))
  }
  const covered = new Set<number>()
  for (const [i, gram] of grams.entries()) {
    if (grams.indexOf(gram) < i) for (let k = i; k < i + size; k++) covered.add(k)
  }
  return [...covered].reduce((sum, word) => sum + words[word].length, 0)
}

const letters = fc.constantFrom('a', 'bb', 'ccc', 'қаз')

describe('repeatedGrams', () => {
  it.each([1, 2, 5])('equals the definition, with %i words taken as one', (step) => {
    // A few phrases that come again and again, in any order: runs that are repeated begin, end and meet everywhere.
    const phrase = fc.array(letters, { minLength: 1, maxLength: 12 })
    const words = fc
      .tuple(fc.array(phrase, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(4), { maxLength: 14 }))
      .map(([phrases, order]) => order.flatMap((i) => phrases[i % phrases.length]))
    fc.assert(
      fc.property(words, (list) => {
        const got: number[] = []
        repeatedGrams(outlineOf(list.join(' ')).words, step, (n, characters, all) => {
          expect(all).toBe(list.join('').length)
          got[n] = characters
          return true
        })
        for (let n = 2; n <= 10; n++) expect(got[n], `n = ${n}`).toBe(plainGrams(list, n, step))
      }),
      { numRuns: step === 1 ? 300 : 60 },
    )
  })

  it('never grows from five words on, so that it may stop early', () => {
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 80 }), (list) => {
        let before = Number.POSITIVE_INFINITY
        repeatedGrams(outlineOf(list.join(' ')).words, 1, (n, characters) => {
          if (n >= 5) {
            expect(characters).toBeLessThanOrEqual(before)
            before = characters
          }
          return true
        })
      }),
    )
  })
})

describe('repeatedLines', () => {
  it('equals the definition', () => {
    const line = fc.constantFrom('one two', 'One, two!', 'two one', 'қаз', '---', '', '  ', 'three')
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (list) => {
        const named = list.map((each) => ({
          length: each.length,
          words: (each.toLowerCase().match(/\p{L}+/gu) ?? []).join(' '),
        }))
        const groups: (typeof named)[] = [[]]
        for (const each of named) {
          if (each.words === '') groups.push([])
          else groups[groups.length - 1].push(each)
        }
        const full = named.filter(({ words }) => words !== '')
        const paragraphs = groups
          .filter((group) => group.length > 0)
          .map((group) => ({
            length: group.reduce((n, each) => n + each.length, 0),
            words: group.map(({ words }) => words).join(' '),
          }))
        const plain = (parts: typeof named) => {
          const later = parts.filter(({ words }, i) => parts.findIndex((other) => other.words === words) < i)
          const sum = (of: typeof named) => of.reduce((n, { length }) => n + length, 0)
          return { parts: parts.length, repeated: later.length, characters: sum(parts), repeatedCharacters: sum(later) }
        }
        expect(repeatedLines(outlineOf(list.join('\n')))).toEqual({ lines: plain(full), paragraphs: plain(paragraphs) })
      }),
    )
  })
})

describe('repetition', () => {
  const judge = (text: string, options = {}, meta = {}) =>
    repetition(options).judge(new Draft({ id: 'a', text, source: 's', meta })) as Drop | undefined

  /** Words of four letters that are all different. */
  const fresh = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) =>
      (i + from + 26 ** 3).toString(26).replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)]),
    )

  it('has the thresholds of the paper: one repeat more, and the document goes', () => {
    // Of 100 words of like length, 2 · k stand in two runs of k words: k of them stood before.
    const text = (k: number) => [...fresh(100 - 2 * k), ...fresh(k, 1000), 'x', ...fresh(k, 1000)].join(' ')
    expect(judge(text(10))).toBeUndefined()
    expect(judge(text(16))).toMatchObject({ drop: 'repeated 5-grams' })
    expect(judge(text(12))?.drop).toBe('repeated 9-grams')
    const pairs = (count: number) =>
      [...fresh(100), ...Array.from({ length: count }, (_, i) => `aaaa bbbb ${fresh(1, 5000 + i)}`)].join(' ')
    expect(judge(pairs(5))).toBeUndefined()
    expect(judge(pairs(60))).toMatchObject({ drop: 'top 2-gram' })
  })

  it('drops repeated lines and paragraphs', () => {
    const lines = (same: number) =>
      [...Array(20).keys(), ...Array(same).fill(0)].map((i) => fresh(4, 4 * i).join(' ')).join('\n')
    expect(judge(lines(1))).toBeUndefined()
    expect(judge(lines(9))?.drop).toBe('repeated lines')
    const paragraph = `${fresh(30).join(' ')}.\n${fresh(30, 500).join(' ')}.`
    expect(judge(`${paragraph}\n\n${paragraph}\n\n${fresh(90, 2000).join(' ')}`)?.drop).toContain('repeated')
  })

  it('leaves programs alone, and texts without words', () => {
    expect(judge('if (x) y\n'.repeat(50), {}, { kind: 'code' })).toBeUndefined()
    expect(judge('')).toBeUndefined()
    expect(judge('---\n'.repeat(50))).toBeUndefined()
    expect(() => repetition({ mostLines: 2 })).toThrow('repetition: mostLines is 2; expected a number from 0 to 1')
  })
})
