import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sampleOf } from './sample.ts'

it('is the text itself when that is short', () => {
  expect(sampleOf('one two three', 30)).toBe('one two three')
})

it('takes whole words from three places', () => {
  const words = Array.from({ length: 3000 }, (_, i) => `word${i}`)
  const sample = sampleOf(words.join(' '), 300)
  const pieces = sample.split('\n').map((piece) => piece.trim().split(' '))
  expect(pieces.length).toBe(3)
  for (const [third, piece] of pieces.entries()) {
    expect(piece.length).toBeGreaterThan(8)
    for (const word of piece) {
      expect(words).toContain(word)
      expect(Math.floor(Number(word.slice(4)) / 1000)).toBe(third)
    }
  }
})

it('is never much longer than asked for, cuts no character, and has no part twice', () => {
  const texts = fc.array(fc.constantFrom('a', ' ', '😀', '\t', 'бір', 'x'.repeat(50)), {
    minLength: 20,
    maxLength: 400,
  })
  fc.assert(
    fc.property(texts, fc.integer({ min: 30, max: 200 }), (parts, length) => {
      const text = parts.join('')
      const sample = sampleOf(text, length)
      expect(sample.isWellFormed()).toBe(true)
      if (text.length <= length) return
      expect(sample.length).toBeLessThanOrEqual(Math.ceil((4 / 3) * length) + 6)
      let from = 0
      for (const piece of sample.split('\n')) {
        const at = text.indexOf(piece, from)
        expect(at).toBeGreaterThanOrEqual(0)
        from = at + piece.length
      }
    }),
  )
})

it('refuses samples that are too small to say anything', () => {
  expect(() => sampleOf('text', 10)).toThrow(/whole number from 30 on, got 10/)
})
