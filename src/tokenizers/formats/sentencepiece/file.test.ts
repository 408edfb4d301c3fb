import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../../base/index.ts'
import {
  pieceTypes,
  type SentencePieceEntry,
  type SentencePieceFile,
  sentencePieceModels,
  writeSentencePieceFile,
} from '../../../formats/index.ts'
import { tokenizer } from '../../assemble.ts'
import { bytePiece } from '../../models/byte-pieces.ts'
import { buildCharsmap } from './build-charsmap.ts'
import { readSentencePiece, sentencePieceParts, writeSentencePiece } from './file.ts'

const scored = (list: Readonly<Record<string, number>>): SentencePieceEntry[] =>
  Object.entries(list).map(([piece, score]) => ({ piece, score }))
const unknown: SentencePieceEntry = { piece: '<unk>', type: pieceTypes.unknown }
const control: SentencePieceEntry = { piece: '</s>', type: pieceTypes.control }
const bytes = Array.from({ length: 256 }, (_, value) => ({ piece: bytePiece(value), type: pieceTypes.byte }))
const letters = scored({ '▁': -3, a: -4, b: -4.5, c: -5, ab: -6, abc: -7, '▁a': -3.5, bc: -5.5, '▁ab': -8 })

function pieces(file: SentencePieceFile, text: string): string[] {
  const t = tokenizer(sentencePieceParts(file))
  return Array.from(t.encode(text), (id) => t.tokenOf(id)!)
}

describe('SentencePiece', () => {
  it('cuts by the highest sum of scores', () => {
    // ▁a + bc = −9 beats ▁ab + c = −13 and ▁ + abc = −10.
    expect(pieces({ pieces: [unknown, ...letters] }, 'abc')).toEqual(['▁a', 'bc'])
  })

  it('merges by score, the leftmost of equals', () => {
    const trainer = { modelType: sentencePieceModels.bpe }
    // bc comes first, then ▁a; nothing is made of both.
    expect(pieces({ pieces: [unknown, ...letters], trainer }, 'abc')).toEqual(['▁a', 'bc'])
    const ties = scored({ a: -9, b: -9, c: -9, ab: -1, bc: -1 })
    const normalizer = { addDummyPrefix: false }
    expect(pieces({ pieces: [unknown, ...ties], trainer, normalizer }, 'abc')).toEqual(['ab', 'c'])
    expect(pieces({ pieces: [unknown, ...ties], trainer, normalizer }, 'cbca')).toEqual(['c', 'bc', 'a'])
  })

  it('takes unused pieces apart as they were put together', () => {
    const trainer = { modelType: sentencePieceModels.bpe }
    const list = scored({ a: -9, b: -9, c: -9 })
    const unused = [{ piece: 'ab', score: -1, type: pieceTypes.unused }]
    const normalizer = { addDummyPrefix: false }
    expect(pieces({ pieces: [unknown, ...list, ...unused], trainer, normalizer }, 'cab')).toEqual(['c', 'a', 'b'])
  })

  it('has words and characters too', () => {
    const list = [unknown, ...scored({ '▁': -1, a: -1, '▁ab': -1 }), { piece: 'ab', type: pieceTypes.userDefined }]
    expect(pieces({ pieces: list, trainer: { modelType: sentencePieceModels.char } }, 'aab xy')).toEqual([
      '▁',
      'a',
      'ab',
      '▁',
      '<unk>',
    ])
    expect(pieces({ pieces: list, trainer: { modelType: sentencePieceModels.word } }, 'ab a')).toEqual(['▁ab', '<unk>'])
  })

  it('makes one token of unknown characters, or their bytes, and gives them back', () => {
    const t = tokenizer(sentencePieceParts({ pieces: [unknown, ...letters] }))
    expect(t.decode(t.encode('a年x'))).toBe('a ⁇ ')
    const fallback = { pieces: [unknown, ...letters, ...bytes], trainer: { byteFallback: true } }
    expect(pieces(fallback, 'aә')).toEqual(['▁a', '<0xD3>', '<0x99>'])
    const u = tokenizer(sentencePieceParts(fallback))
    expect(u.decode(u.encode('aә 年'))).toBe('aә 年')
    expect(u.decode([u.idOf('<0xD3>')!, u.idOf('a')!])).toBe('\ufffda')
  })

  it('gives offsets of SentencePiece: up to where the next token begins', () => {
    const charsmap = buildCharsmap([['ﬁ', 'bc']])
    const t = tokenizer(sentencePieceParts({ pieces: [unknown, ...letters], normalizer: { charsmap } }))
    const { ids, starts, ends } = t.encoding('  a  ﬁ ')
    expect(Array.from(ids, (id) => t.tokenOf(id))).toEqual(['▁a', '▁', 'bc'])
    expect([...starts]).toEqual([2, 3, 5])
    expect([...ends]).toEqual([3, 5, 6])
  })

  it('never finds control pieces in text, unless allowed', () => {
    const t = tokenizer(sentencePieceParts({ pieces: [unknown, control, ...letters] }))
    expect([...t.encode('</s>')]).not.toContain(1)
    expect([...t.encode('</s>', { allowSpecials: true })]).toEqual([1])
    expect(t.decode([1, 8])).toBe('a')
  })

  it('puts the space behind words where the model says so', () => {
    const list = [unknown, ...scored({ 'a▁': -1, a: -2, '▁': -3 })]
    const t = tokenizer(sentencePieceParts({ pieces: list, trainer: { whitespaceAsSuffix: true } }))
    const { ids, ends } = t.encoding('a a')
    expect([...ids]).toEqual([1, 1])
    expect([...ends]).toEqual([2, 3])
  })

  it.each([
    ['no unknown piece', { pieces: letters }, /none stands for the unknown/],
    ['two unknown pieces', { pieces: [unknown, { ...unknown, piece: 'x' }] }, /piece 1: "x" is a second/],
    ['a piece twice', { pieces: [unknown, ...letters, { piece: 'a' }] }, /piece 10: "a" is there already/],
    ['an empty piece', { pieces: [unknown, {}] }, /piece 1: is empty/],
    ['NaN', { pieces: [unknown, { piece: 'a', score: Number.NaN }] }, /the score of "a" is NaN/],
    ['infinity', { pieces: [unknown, { piece: 'a', score: Number.POSITIVE_INFINITY }] }, /Infinity/],
    ['missing bytes', { pieces: [unknown, bytes[0]], trainer: { byteFallback: true } }, /only 1 of 256/],
    ['bytes without need', { pieces: [unknown, bytes[0]] }, /byte_fallback is not set/],
    ['an unknown type', { pieces: [unknown, { piece: 'a', type: 9 }] }, /type 9/],
    ['an unknown model', { pieces: [unknown], trainer: { modelType: 7 } }, /model type 7/],
    ['broken rules', { pieces: [unknown], normalizer: { charsmap: Uint8Array.of(9) } }, /normalizer_spec/],
  ])('refuses %s', (_, file, message) => {
    expect(() => sentencePieceParts(file as SentencePieceFile, { file: 'x.model' })).toThrow(FormatError)
    expect(() => sentencePieceParts(file as SentencePieceFile, { file: 'x.model' })).toThrow(message as RegExp)
  })

  it('survives damaged files', () => {
    const whole = writeSentencePieceFile({ pieces: [unknown, control, ...letters], trainer: { modelType: 2 } })
    const attempt = (file: Uint8Array): void => {
      try {
        readSentencePiece(file).encode('ab cab')
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
      }
    }
    for (let end = 0; end < whole.length; end++) attempt(whole.subarray(0, end))
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => attempt(whole.with(at, value))),
      { numRuns: 1000 },
    )
  })

  it('says what comes nearest in tokenizer.json', () => {
    const json = (modelType: number) =>
      tokenizer(sentencePieceParts({ pieces: [unknown, ...letters], trainer: { modelType } })).parts.model.toJson()
    expect(json(sentencePieceModels.bpe)).toMatchObject({ type: 'BPE', unk_token: '<unk>', fuse_unk: true })
    expect(json(sentencePieceModels.bpe).merges).toEqual([
      ['▁', 'a'],
      ['b', 'c'],
      ['a', 'b'],
      ['a', 'bc'],
      ['ab', 'c'],
      ['▁', 'ab'],
      ['▁a', 'b'],
    ])
    expect(json(sentencePieceModels.unigram)).toMatchObject({ type: 'Unigram', unk_id: 0 })
    expect(json(sentencePieceModels.word).type).toBe('WordLevel')
  })

  it('writes what it read', () => {
    const whole = writeSentencePieceFile({ pieces: [unknown, ...letters], normalizer: { name: 'identity' } })
    expect(writeSentencePiece(readSentencePiece(whole))).toEqual(whole)
  })

  it('takes time in proportion to the text, whatever it is', () => {
    for (const modelType of [1, 2]) {
      const t = tokenizer(sentencePieceParts({ pieces: [unknown, ...letters], trainer: { modelType } }))
      expect(t.encode('ab'.repeat(200_000)).length).toBeGreaterThan(100_000)
      t.encode('x'.repeat(200_000))
      t.encode(' '.repeat(200_000))
    }
  })
})
