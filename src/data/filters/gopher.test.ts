import { describe, expect, it } from 'vitest'
import { Draft, type Drop } from './filter.ts'
import { type GopherOptions, gopher } from './gopher.ts'

const reason = (
  text: string,
  { language, kind, ...options }: GopherOptions & { language?: string; kind?: string } = {},
) => {
  const meta = { ...(language !== undefined && { language }), ...(kind !== undefined && { kind }) }
  return (gopher(options).judge(new Draft({ id: 'a', text, source: 's', meta })) as Drop | undefined)?.drop
}

/** Sixty words of five letters, with two stop words. */
const words = [...Array(58).fill('horse'), 'the', 'and']
const good = words.join(' ')

describe('gopher', () => {
  it('keeps running text', () => {
    expect(reason(good)).toBeUndefined()
    expect(reason(good, { language: 'en' })).toBeUndefined()
  })

  it.each<[string, string, GopherOptions & { language?: string }]>([
    ['too few words', words.slice(11).join(' '), {}],
    ['too many words', good, { mostWords: 59 }],
    ['length of words', 'extraordinarily '.repeat(60), { language: 'en' }],
    ['length of words', 'ab cd the and '.repeat(20), { language: 'en' }],
    ['length of words', 'a b c d e f '.repeat(20), {}],
    ['symbols', good + ' #'.repeat(7), {}],
    ['symbols', good + ' word… word...'.repeat(8), {}],
    ['bullets', words.map((word, i) => (i < 55 ? `•${word} ${word}` : word)).join('\n'), {}],
    [
      'ellipses',
      words.map((word, i) => (i % 3 === 0 ? `${word} ${word} ${word} ${word}…` : `${word} ${word} ${word}`)).join('\n'),
      {},
    ],
    ['too few letters', good + ' 12'.repeat(16), {}],
    ['too few stop words', `${'horse '.repeat(60)} the the`, { language: 'en' }],
  ])('drops for %s', (drop, text, options) => {
    expect(reason(text, options)).toBe(drop)
    expect(reason(text, { ...options, kind: 'code' })).toBeUndefined()
  })

  it('stays within its limits, as the paper has them', () => {
    expect(reason(words.slice(10).join(' '))).toBeUndefined()
    expect(reason(good, { mostWords: 60 })).toBeUndefined()
    expect(reason(good + ' #'.repeat(6), {})).toBeUndefined()
    expect(reason(good + ' 12'.repeat(15), {})).toBeUndefined()
    // Ten letters on average, from twenty words of ten with the stop words as long.
    expect(
      reason(`${'a234567890'.replace(/\d/g, 'b')} `.repeat(60), { language: 'en', leastStopWords: 0 }),
    ).toBeUndefined()
  })

  it('asks for stop words only of a language that it knows, and only when the text is said to be of it', () => {
    const text = 'horse '.repeat(60)
    expect([reason(text), reason(text, { language: 'fi' }), reason(text, { language: 'constructor' })]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(reason(text, { language: 'de' })).toBe('too few stop words')
    expect(reason(`${text} und das`, { language: 'de' })).toBeUndefined()
  })

  it('counts letters where a script sets no spaces', () => {
    expect(reason('人'.repeat(74))).toBe('too few words')
    expect(reason('人'.repeat(75))).toBeUndefined()
    expect(reason('ก'.repeat(249))).toBe('too few words')
    expect(reason('ก'.repeat(250))).toBeUndefined()
  })

  it('refuses options that cannot be meant', () => {
    expect(() => gopher({ mostBullets: 1.5 })).toThrow('gopher: mostBullets is 1.5; expected a number from 0 to 1')
    expect(() => gopher({ leastWords: Number.NaN })).toThrow('gopher: leastWords is NaN')
  })
})
