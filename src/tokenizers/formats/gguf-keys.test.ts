import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../base/index.ts'
import { pieceTypes } from '../../formats/index.ts'
import { tokenizer } from '../assemble.ts'
import { bpe } from '../models/bpe/bpe.ts'
import { wordPieceModel } from '../models/word-piece.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { bertPreTokenizer } from '../pieces/bert.ts'
import { trainUnigram } from '../trainers/unigram-train.ts'
import { readGgufTokenizer } from './gguf-keys.ts'
import { sentencePieceParts } from './sentencepiece/file.ts'
import { ggufTokenizerKeys } from './write-gguf-keys.ts'

const text = 'the cat sat on the mat. мысық кілемде отыр. '.repeat(20)

describe('GGUF keys', () => {
  it('carry byte-level BPE', () => {
    const t = bpe({ merges: [[71, 72]], specials: ['<|end|>'] })
    const keys = ggufTokenizerKeys(t, { end: '<|end|>', chatTemplate: '{{ x }}' })
    expect(keys.get('tokenizer.ggml.pre')).toBe('gpt-2')
    expect(keys.get('tokenizer.ggml.merges')).toEqual(['h i'])
    expect((keys.get('tokenizer.ggml.token_type') as Int32Array)[257]).toBe(pieceTypes.control)
    const read = readGgufTokenizer(keys)
    expect(read).toMatchObject({ endId: 257, addBegin: false, chatTemplate: '{{ x }}' })
    expect(read.tokenizer.encode(`hi <|end|>`, { allowSpecials: true })).toEqual(
      t.encode('hi <|end|>', { allowSpecials: true }),
    )
    expect(read.tokenizer.decode(t.encode(text))).toBe(text)
  })

  it('carry Unigram, with its rules', () => {
    const t = trainUnigram(text, { vocabSize: 60 })
    const keys = ggufTokenizerKeys(t)
    expect(keys.get('tokenizer.ggml.model')).toBe('t5')
    const read = readGgufTokenizer(keys).tokenizer
    expect(read.encode(`${text}ﬁ`)).toEqual(t.encode(`${text}ﬁ`))
    expect(read.encode('the', { addSpecials: true }).at(-1)).toBe(2)
  })

  it('carry the BPE of SentencePiece', () => {
    const unknown = { piece: '<unk>', type: pieceTypes.unknown }
    const begin = { piece: '<s>', type: pieceTypes.control }
    const pieces = [unknown, begin, { piece: '▁', score: -3 }, { piece: 'a', score: -4 }, { piece: '▁a', score: -1 }]
    const t = tokenizer(
      sentencePieceParts({ pieces, trainer: { modelType: 2 }, normalizer: { addDummyPrefix: false } }),
    )
    const keys = ggufTokenizerKeys(t)
    expect(keys.get('tokenizer.ggml.model')).toBe('llama')
    expect(keys.get('tokenizer.ggml.add_space_prefix')).toBe(false)
    const read = readGgufTokenizer(keys)
    expect([...read.tokenizer.encode('a a')]).toEqual([3, 4])
    expect([...read.tokenizer.encode('a a', { addSpecials: true })]).toEqual([1, 3, 4])
  })

  it('carry WordPiece in its own spelling', () => {
    const vocab = new Map(['[UNK]', '[CLS]', 'сөз', '##дер', 'a'].map((token, id) => [token, id]))
    const t = tokenizer({
      model: wordPieceModel({ vocab }),
      normalizer: bertNormalizer(),
      preTokenizer: bertPreTokenizer(),
    })
    const keys = ggufTokenizerKeys(t, { unknown: '[UNK]' })
    expect(keys.get('tokenizer.ggml.tokens')).toEqual(['[UNK]', '[CLS]', '▁сөз', 'дер', '▁a'])
    expect([...readGgufTokenizer(keys).tokenizer.encode('Сөздер a x')]).toEqual([2, 3, 4, 0])
  })

  const good = ggufTokenizerKeys(trainUnigram(text, { vocabSize: 60 }))
  const { length } = good.get('tokenizer.ggml.tokens') as string[]
  it.each([
    ['model', 'rwkv', /tokenizer.ggml.model: "rwkv" is not known/],
    ['tokens', undefined, /tokens: is missing/],
    ['tokens', ['a', 5], /tokens\[1\]: 5 is wrong/],
    ['scores', new Float32Array(3), /has 3 entries, but there are \d+ tokens/],
    ['scores', [Number.NaN, ...Array(length - 1).fill(0)], /scores\[0\]/],
    ['eos_token_id', length, /\d+ is no id below \d+/],
    ['add_space_prefix', 'yes', /neither true nor false/],
    ['precompiled_charsmap', [1], /precompiled_charsmap|normalizer_spec/],
  ])('are refused with %s %j', (name, value, message) => {
    const keys = new Map(good).set(`tokenizer.ggml.${name}`, value)
    expect(() => readGgufTokenizer(keys)).toThrow(FormatError)
    expect(() => readGgufTokenizer(keys)).toThrow(message as RegExp)
  })

  it('give an error or a tokenizer, whatever they hold', () => {
    const bytes = ggufTokenizerKeys(bpe({ merges: [[71, 72]] }))
    for (const from of [good, bytes]) {
      const names = [...from.keys()]
      fc.assert(
        fc.property(fc.constantFrom(...names), fc.anything(), (name, value) => {
          try {
            readGgufTokenizer(new Map(from).set(name, value)).tokenizer.encode('the cat')
          } catch (error) {
            if (!(error instanceof FormatError)) throw error
          }
        }),
        { numRuns: 200 },
      )
    }
  })
})
