import { describe, expect, it } from 'vitest'
import { tokenizer } from './assemble.ts'
import { byteTokenizer } from './byte-tokenizer.ts'
import { measureTokenizer } from './measures.ts'
import { wordLevelModel } from './models/word-level.ts'
import { pieces } from './pieces/scanners/pieces.ts'

const words = tokenizer({
  model: wordLevelModel({
    vocab: new Map(['<unk>', 'a', ' a', ' bcd', ',', ' “', '”'].map((token, id) => [token, id])),
  }),
  preTokenizer: pieces('gpt2'),
})

describe('measureTokenizer', () => {
  it('counts as calculated by hand', () => {
    // Tokens: a|,| bcd| a| ü|…: counts a 1, comma 1, bcd 2, _a 1, unknown 1; p = 1/6, 1/6, 2/6, 1/6, 1/6.
    const { en } = measureTokenizer(words, { en: 'a, bcd a bcd ü' })
    const sum = 4 * (1 / 6) ** 2.5 + (2 / 6) ** 2.5
    expect(en).toEqual({
      bytes: 15,
      words: 5,
      tokens: 6,
      bytesPerToken: 2.5,
      tokensPerWord: 1.2,
      wholeWords: 0.8,
      unknownTokens: 1,
      renyiEfficiency: expect.closeTo(Math.log(sum) / (1 - 2.5) / Math.log(7), 12),
      costToBase: 1,
    })
    expect(Object.values(measureTokenizer(words, { kk: 'a a' }, { base: 'en' }))[0].costToBase).toBeUndefined()
  })

  it('is 1 for a vocabulary that is used evenly, and 0 for one token alone', () => {
    const even = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('')
    const used = measureTokenizer(byteTokenizer(), { even, 'one token': 'aaaa' })
    expect(used.even.renyiEfficiency).toBeCloseTo(Math.log(128) / Math.log(256), 12)
    expect(used['one token'].renyiEfficiency).toBeCloseTo(0, 12)
    // Σ p² = (1/4)² + (3/4)² = 10/16 is what order 2 sees.
    const order2 = measureTokenizer(byteTokenizer(), { x: 'abbb' }, { alpha: 2 })
    expect(order2.x.renyiEfficiency).toBeCloseTo(Math.log(16 / 10) / Math.log(256), 12)
  })

  it('finds words whole though punctuation stands at them', () => {
    expect(measureTokenizer(words, { x: 'a “bcd a, -' }).x.wholeWords).toBe(2 / 3)
    expect(measureTokenizer(byteTokenizer(), { x: 'a bc ә 😀' }).x.wholeWords).toBe(1 / 3)
  })

  it('gives costs relative to a base', () => {
    const { en, kk } = measureTokenizer(byteTokenizer(), { en: 'word', kk: 'сөздер' })
    expect([en.costToBase, kk.costToBase]).toEqual([1, 3])
    expect(measureTokenizer(byteTokenizer(), { en: 'word', kk: 'сөздер' }, { base: 'kk' }).en.costToBase).toBe(1 / 3)
  })

  it('refuses a text without words', () => {
    expect(() => measureTokenizer(words, { en: 'a', kk: ' \n' })).toThrow('the text "kk" has no words')
  })
})
