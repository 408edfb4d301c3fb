import { describe, expect, it } from 'vitest'
import { extremes } from '../../bench/texts/extremes.ts'
import { invented, newWords } from '../../bench/texts/invent.ts'
import { commentsOf, distinctParagraphs } from '../../bench/texts/packages.ts'
import { beginning } from '../../bench/texts/texts.ts'

const source = 'Алтын күзде бала әжесіне көмектесті; балалар өзен жағасында ойнады, әжесі күлді.\n'.repeat(20)
const settings = { seed: 1, length: 20_000, newness: 1, order: 2 }

describe('invented text', () => {
  const text = [...invented(source, settings)].join('')

  it('is as long as it is asked to be, and the same for the same seed', () => {
    expect(text.length).toBeGreaterThanOrEqual(settings.length)
    expect(text.length).toBeLessThan(settings.length + 100)
    expect([...invented(source, settings)].join('')).toBe(text)
    expect([...invented(source, { ...settings, seed: 2 })].join('')).not.toBe(text)
  })

  it('has words of its source again, and new ones of the same letters', () => {
    const known = new Set(source.match(/\p{L}+/gu))
    const words = text.match(/\p{L}+/gu)!
    const invention = new Set(words.filter((word) => !known.has(word)))
    expect(invention.size).toBeGreaterThan(50)
    expect(words.filter((word) => known.has(word)).length).toBeGreaterThan(words.length / 3)
    const letters = new Set(source)
    for (const word of invention) for (const letter of word) expect(letters).toContain(letter)
  })

  it('brings new words more slowly where newness is less', () => {
    const slow = [...invented(source, { ...settings, newness: 0.2 })].join('')
    expect(new Set(slow.match(/\p{L}+/gu)).size).toBeLessThan(new Set(text.match(/\p{L}+/gu)).size / 2)
  })
})

it('new words come once each', () => {
  const words = newWords(source, { seed: 3, order: 1 }).take(2000).toArray()
  expect(new Set([...words, ...source.match(/\p{L}+/gu)!]).size).toBe(2000 + new Set(source.match(/\p{L}+/gu)).size)
})

it.each(Object.entries(extremes))('%s are as many bytes as asked, and well formed', (_, make) => {
  const text = make(10_000)
  expect(Buffer.byteLength(text) - 10_000).toBeOneOf([0, 1, 2, 3])
  expect(text.isWellFormed()).toBe(true)
  expect(make(10_000)).toBe(text)
})

it.each([
  ['сәлем', 4, 'сә'],
  ['сәлем', 5, 'сә'],
  ['a😀b', 4, 'a'],
  ['a😀b', 5, 'a😀'],
  ['ab', 9, 'ab'],
])('the beginning of %s of %d bytes is %s', (text, size, expected) => {
  expect(beginning(text, size)).toBe(expected)
})

it('comments lose their stars, and paragraphs that come again are left out', () => {
  const comments = commentsOf('/** One. */\nlet a\n/**\n * Two\n * lines.\n *\n * One.\n */\n// no')
  expect(comments).toEqual(['One.', 'Two\nlines.\n\nOne.'])
  expect(distinctParagraphs(comments)).toEqual(['One.', 'Two\nlines.'])
})
