import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EncodingName } from '../../bench/peers/ranks.ts'
import { benchText, type TextName } from '../../bench/texts/texts.ts'
import { DataError, random } from '../../src/base/index.ts'
import type { Tokenizer } from '../../src/tokenizers/index.ts'
import { expectSameIds, firstDifference, visible } from './compare.ts'
import { fuzzTexts, isNamed, scalar, scalarCount, sweepTexts } from './fuzz-text.ts'
import { openAi } from './openai.ts'
import { against, load, whyNot } from './oracles.ts'

// Ids and bytes are those of OpenAI's tiktoken, as its package for npm gives them.

const encodings: readonly EncodingName[] = ['r50k_base', 'p50k_base', 'cl100k_base', 'o200k_base']

/** Surroundings could change where a piece ends. */
const surroundings: Readonly<Record<string, (character: string) => string>> = {
  'on a line of its own': (character) => `${character}\n`,
  'behind spaces': (character) => `  ${character}`,
  'between digits and signs': (character) => `1${character}2.${character}'s`,
}

against('tiktoken', whyNot('tiktoken') ?? whyNot('gpt-tokenizer'), () => {
  describe.each(encodings)('%s', (name) => {
    let ours: Tokenizer
    let theirs: Tiktoken
    const encode = (text: string) => ours.encode(text)
    const expected = (text: string) => theirs.encode_ordinary(text)

    beforeAll(() => {
      ours = openAi(name)
      theirs = load('tiktoken').get_encoding(name)
    })
    afterAll(() => theirs?.free())

    it('every Unicode scalar value between letters', async () => {
      for (const text of sweepTexts((character) => `a${character}b `)) await expectSameIds(text, encode, expected)
    })

    it.each(Object.entries(surroundings))('characters, each %s', async (_, around) => {
      for (const text of sweepTexts(around, isNamed)) await expectSameIds(text, encode, expected)
    })

    it('characters, each alone', async () => {
      for (let n = 0; n < scalarCount; n++) if (isNamed(n)) await expectSameIds(scalar(n), encode, expected)
    })

    it('10,000 fuzzed texts', async () => {
      for (const text of fuzzTexts(1, 10_000)) await expectSameIds(text, encode, expected)
    })

    it.each<TextName>(['english', 'code', 'multilingual', 'kazakh'])('a megabyte of %s', async (text) => {
      await expectSameIds(benchText(text, 1e6).text, encode, expected)
    })

    it('decodes any ids, valid UTF-8 or not', () => {
      const rng = random(2)
      const used = Array.from({ length: ours.vocabSize }, (_, id) => id).filter((id) => ours.tokenOf(id) !== undefined)
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      for (let i = 0; i < 500; i++) {
        const ids = Uint32Array.from({ length: rng.integer(40) }, () => used[rng.integer(used.length)])
        const text = decoder.decode(theirs.decode(ids))
        expect(ours.decode(ids)).toBe(text)
        const stream = ours.stream()
        expect([...ids].map((id) => stream.push(id)).join('') + stream.end()).toBe(text)
      }
    })

    it('gives back every text from its ids, and never half a character', () => {
      for (const text of fuzzTexts(3, 1000)) {
        const ids = ours.encode(text)
        expect(ours.decode(ids)).toBe(text)
        const stream = ours.stream()
        const parts = [...ids].map((id) => stream.push(id))
        for (const part of parts)
          expect(part.includes('\ufffd'), visible(text)).toBe(text.includes('\ufffd') && part.includes('\ufffd'))
        expect(parts.join('') + stream.end()).toBe(text)
      }
    })

    it('encodes parts of a text as the whole, wherever it is cut', () => {
      const rng = random(4)
      for (const text of fuzzTexts(5, 1500)) {
        const encoder = ours.encoder()
        const ids: number[] = []
        for (let at = 0; at < text.length; ) {
          const end = at + 1 + rng.integer(6)
          ids.push(...encoder.push(text.slice(at, end)))
          at = end
        }
        ids.push(...encoder.end())
        if (firstDifference(ids, expected(text)) >= 0) expect(ids, visible(text)).toEqual(Array.from(expected(text)))
      }
    })

    it('finds special tokens where they are allowed, and refuses them where they are asked to be refused', () => {
      const names = [...ours.specials.keys()]
      for (const text of fuzzTexts(6, 1000, names)) {
        expect(Array.from(ours.encode(text, { allowSpecials: true })), visible(text)).toEqual(
          Array.from(theirs.encode(text, 'all', [])),
        )
        const some = names.slice(0, 1)
        expect(Array.from(ours.encode(text, { allowSpecials: some })), visible(text)).toEqual(
          Array.from(theirs.encode(text, some, [])),
        )
        const refuse = () => ours.encode(text, { specialText: 'refuse' })
        if (names.some((special) => text.includes(special))) {
          expect(refuse, visible(text)).toThrow(DataError)
          expect(() => theirs.encode(text)).toThrow()
        } else expect(Array.from(refuse())).toEqual(Array.from(theirs.encode(text)))
      }
    })
  })

  it.each([
    ['r50k_base', 'hello world', [31373, 995]],
    ['cl100k_base', 'hello world', [15339, 1917]],
    ['r50k_base', 'hello <|endoftext|>', [31373, 220, 50256]],
    ['cl100k_base', 'hello <|endoftext|>', [15339, 220, 100257]],
  ] as const)('%s: %s is what everybody knows it is', (name, text, ids) => {
    expect(Array.from(openAi(name).encode(text, { allowSpecials: true }))).toEqual(ids)
  })

  it.each([
    ['r50k_base', 50257, { '<|endoftext|>': 50256 }],
    ['cl100k_base', 100277, { '<|endoftext|>': 100257, '<|endofprompt|>': 100276 }],
    ['o200k_base', 200019, { '<|endoftext|>': 199999, '<|endofprompt|>': 200018 }],
  ] as const)('%s has %d ids, special tokens included', (name, vocabSize, specials) => {
    const ours = openAi(name)
    expect(ours.vocabSize).toBe(vocabSize)
    expect(Object.fromEntries(ours.specials)).toMatchObject(specials)
  })
})

/** As much of the package as is used here. */
interface Tiktoken {
  encode(text: string, allowed?: 'all' | readonly string[], disallowed?: 'all' | readonly string[]): Uint32Array
  encode_ordinary(text: string): Uint32Array
  decode(ids: Uint32Array): Uint8Array
  free(): void
}
