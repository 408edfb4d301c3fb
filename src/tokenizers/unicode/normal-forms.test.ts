import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isIn, unassigned } from './categories.ts'
import { composed, decomposed, isCombining, isReordered, normalForm } from './normal-forms.ts'

describe('normal forms', () => {
  it('are those of the engine for characters of Unicode 9', () => {
    const character = fc.nat(0x10ffff).filter((code) => !isIn(code, unassigned, 9))
    const mark = fc.constantFrom(0x301, 0x327, 0x334, 0x345, 0x3099, 0x1161, 0x11a8, 0x1100, 0x65, 0x438)
    const old = fc.array(fc.oneof(character, mark)).map((codes) => String.fromCodePoint(...codes).toWellFormed())
    fc.assert(
      fc.property(old, fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'), (text, form) => {
        expect(normalForm(text, form)).toBe(text.normalize(form))
      }),
    )
    expect(normalForm('Қазақ тілі, й', 'NFD')).toBe('Қазақ тілі, и\u0306')
    expect(normalForm('ﬁ①', 'NFKC')).toBe('fi1')
  })

  it('leave newer characters alone', () => {
    // Square era name Reiwa, and a mark, both newer than Unicode 9.
    expect(normalForm('\u32ff', 'NFKC')).toBe('\u32ff')
    expect('\u32ff'.normalize('NFKC')).not.toBe('\u32ff')
    expect(normalForm('a\u0345\u07fd\u0334', 'NFD')).toBe('a\u0345\u07fd\u0334')
    expect(normalForm('e\u07fd\u0301', 'NFC')).toBe('e\u07fd\u0301')
    expect(normalForm('e\u0301\u07fde\u0301', 'NFC')).toBe('é\u07fdé')
  })

  it('tell the steps apart: decomposition, order, composition', () => {
    expect(decomposed(0x439, 'NFD')).toBe('и\u0306')
    expect(decomposed(0xfb01, 'NFD')).toBe('ﬁ')
    expect(decomposed(0xfb01, 'NFKD')).toBe('fi')
    expect(decomposed(0x32ff, 'NFKD')).toBe('\u32ff')
    expect(composed(0x65, 0x301)).toBe(0xe9)
    expect(composed(0x65, 0x65)).toBeUndefined()
    expect(composed(0x1100, 0x1161)).toBe(0xac00)
    expect(isCombining(0x301)).toBe(true)
    expect(isCombining(0x334)).toBe(true)
    expect(isCombining(0x345)).toBe(true)
    // Marks of class 0 begin a new character for normal forms; newer marks do nothing.
    expect(isCombining(0x93e)).toBe(false)
    expect(isCombining(0x7fd)).toBe(false)
    expect(isReordered(0x301, 0x327)).toBe(true)
    expect(isReordered(0x327, 0x301)).toBe(false)
    expect(isReordered(0x301, 0x302)).toBe(false)
  })
})
