import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tokenizer } from '../tokenizer.ts'
import { trainCharacters } from './characters.ts'
import { trainWords } from './words.ts'

const text = 'Бір күні бір бала үйге келді. One day one child came home; 😀 бала күлді.'

const tokensOf = (tokenizer: Tokenizer) => Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.tokenOf(id))

async function* later(parts: Iterable<string>) {
  yield* parts
}

describe('trainCharacters', () => {
  it('has the characters of the text in their order, after the unknown token', () => {
    const tokenizer = trainCharacters('ббаә😀', { specials: ['<|end|>'] })
    expect(tokensOf(tokenizer)).toEqual(['<unk>', 'а', 'б', 'ә', '😀', '<|end|>'])
    expect([...tokenizer.encode('😀ұб')]).toEqual([4, 0, 2])
    expect(tokenizer.decode([4, 0, 2])).toBe('😀<unk>б')
  })

  it('loses nothing of texts that have only its characters', () => {
    const tokenizer = trainCharacters(text)
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...text) }), (other) => {
        expect(tokenizer.decode(tokenizer.encode(other))).toBe(other)
        expect(tokenizer.encode(other)).toHaveLength([...other].length)
      }),
    )
  })

  it('does not depend on how the text is cut', async () => {
    const whole = trainCharacters(text).definition()
    expect(trainCharacters(text.match(/[\s\S]/g)!).definition()).toBe(whole)
    expect((await trainCharacters(later(text.match(/[\s\S]{1,3}/g)!))).definition()).toBe(whole)
  })

  it('leaves out the rarest', () => {
    expect(tokensOf(trainCharacters('cbbaa', { vocabSize: 3 }))).toEqual(['<unk>', 'a', 'b'])
    expect(tokensOf(trainCharacters('cbbaa', { leastCount: 2 }))).toEqual(['<unk>', 'a', 'b'])
    expect(() => trainCharacters('a', { vocabSize: 1 })).toThrow('2 at least')
    expect(() => trainCharacters('')).toThrow('the text is empty')
  })
})

describe('trainWords', () => {
  it('has the most frequent words first, of equals the first', () => {
    const tokenizer = trainWords('бір адам, бір ат, бір', { vocabSize: 7, specials: ['<|end|>'] })
    expect(tokensOf(tokenizer)).toEqual(['<unk>', ',', ' бір', 'бір', ' адам', ' ат', '<|end|>'])
    expect([...tokenizer.encode('бір ат бір үй')]).toEqual([3, 5, 2, 0])
    expect(tokenizer.decode([3, 5, 2, 0])).toBe('бір ат бір<unk>')
  })

  it('loses nothing of the text that it has learned whole', () => {
    const tokenizer = trainWords(text, { vocabSize: 1000 })
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })

  it('does not depend on how the text is cut', async () => {
    const whole = trainWords(text, { vocabSize: 12 }).definition()
    expect(trainWords(text.match(/[\s\S]{1,5}/g)!, { vocabSize: 12 }).definition()).toBe(whole)
    expect((await trainWords(later(text), { vocabSize: 12 })).definition()).toBe(whole)
  })

  it('leaves out rare words and refuses what is too small', () => {
    expect(tokensOf(trainWords('a b a', { vocabSize: 9, leastCount: 2 }))).toEqual(['<unk>'])
    expect(() => trainWords('a', { vocabSize: 1 })).toThrow('2 at least')
    expect(() => trainWords('', { vocabSize: 9 })).toThrow('no words')
  })
})
