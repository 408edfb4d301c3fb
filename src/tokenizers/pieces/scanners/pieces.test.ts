import fc from 'fast-check'
import { expect, it } from 'vitest'
import { alignedText, slicedText } from '../../aligned-text.ts'
import { patternNames } from './patterns.ts'
import { pieces } from './pieces.ts'

it('cuts strings where the scanner cuts UTF-8, and keeps what the code units stand for', () => {
  const unit = fc.oneof(
    fc.constantFrom('a', ' ', 'Қ', '中', '😀'),
    fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)),
  )
  fc.assert(
    fc.property(fc.string({ unit }), fc.constantFrom(...patternNames), (text, name) => {
      const whole = alignedText(text, true)
      const parts = pieces(name).split(whole)
      expect(parts.map((part) => part.text).join('')).toBe(whole.text)
      let start = 0
      for (const part of parts) {
        expect(part).toEqual(slicedText(whole, start, start + part.text.length))
        expect(part.text.isWellFormed()).toBe(true)
        start += part.text.length
      }
    }),
  )
})

it('knows characters of all lengths', () => {
  const { split } = pieces('gpt2')
  const texts = split({ text: 'сөз 😀😀 中文 𝒳y', isFirst: true }).map((part) => part.text)
  expect(texts).toEqual(['сөз', ' 😀😀', ' 中文', ' 𝒳y'])
})
