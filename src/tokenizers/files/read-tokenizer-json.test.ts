import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../base/index.ts'
import { trainBpe } from '../training/bpe-train.ts'
import { readTokenizerJson } from './read-tokenizer-json.ts'
import { writeTokenizerJson } from './write-tokenizer-json.ts'

const tokenizer = trainBpe('to be, or not to be: that is the question', { vocabSize: 280, specials: ['<|end|>'] })
const json = writeTokenizerJson(tokenizer)

/** The file with one place changed. */
// biome-ignore lint/suspicious/noExplicitAny: reaches anywhere into foreign JSON
function changed(change: (file: any) => void): string {
  const file = JSON.parse(json)
  change(file)
  return JSON.stringify(file)
}

describe('tokenizer.json', () => {
  it('comes back as it was', () => {
    const read = readTokenizerJson(json)
    expect(read.definition()).toBe(tokenizer.definition())
    expect(read.specials).toEqual(tokenizer.specials)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([...read.encode(text)]).toEqual([...tokenizer.encode(text)])
      }),
    )
  })

  it('may spell merges in one string, and have ids in any order', () => {
    const strings = changed((file) => {
      file.model.merges = file.model.merges.map((pair: string[]) => pair.join(' '))
    })
    expect(readTokenizerJson(strings).definition()).toBe(json)
    const turned = changed((file) => {
      for (const name in file.model.vocab) file.model.vocab[name] = 279 - file.model.vocab[name]
      file.added_tokens[0].id = 279 - file.added_tokens[0].id
    })
    const ids = [...tokenizer.encode('not to be')].map((id) => 279 - id)
    expect([...readTokenizerJson(turned).encode('not to be')]).toEqual(ids)
  })

  it('may leave ids unused', () => {
    const text = changed((file) => {
      file.model.vocab['<|end|>'] = file.added_tokens[0].id = 400
    })
    const read = readTokenizerJson(text)
    expect(read.vocabSize).toBe(401)
    expect(() => read.bytesOf(300)).toThrow(/no token 300/)
    expect(readTokenizerJson(read.definition()).definition()).toBe(text)
  })

  it('keeps a special token that is not in the vocabulary, as many files have it', () => {
    const text = changed((file) => {
      delete file.model.vocab['<|end|>']
    })
    expect(readTokenizerJson(text).specials.get('<|end|>')).toBe(279)
  })

  it.each([
    ['{', /x.json: not JSON/],
    ['[]', /x.json: the whole/],
    [changed((f) => (f.model.vocab.a = 1.5)), /model.vocab\["a"\]: expected an id/],
    [changed((f) => (f.model.vocab.a = 0)), /id 0 is taken/],
    [changed((f) => f.model.merges.push(['a', 'zz'])), /model.merges\[23\]: "zz" is not in the vocabulary/],
    [changed((f) => f.model.merges.push(7)), /model.merges\[23\]: expected/],
    [changed((f) => (f.pre_tokenizer = { type: 'Metaspace' })), /pre_tokenizer/],
    [changed((f) => (f.added_tokens[0].id = 5)), /added_tokens|taken/],
  ])('refuses what is wrong or not understood, and says where (%#)', (text, message) => {
    expect(() => readTokenizerJson(text, 'x.json')).toThrow(FormatError)
    expect(() => readTokenizerJson(text, 'x.json')).toThrow(message)
  })

  it('gives a tokenizer or a FormatError for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.jsonValue(), (any, place, value) => {
        const paths = ['model', 'added_tokens', 'pre_tokenizer', 'normalizer'] as const
        for (const text of [any, changed((file) => (file[paths[place % 4]] = value))]) {
          try {
            readTokenizerJson(text)
          } catch (error) {
            if (!(error instanceof FormatError)) throw error
          }
        }
      }),
    )
  })
})
