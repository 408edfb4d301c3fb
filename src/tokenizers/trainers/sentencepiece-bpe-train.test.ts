import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../base/index.ts'
import { readSentencePiece, writeSentencePiece } from '../formats/index.ts'
import { trainSentencePieceBpe } from './sentencepiece-bpe-train.ts'

const text = 'балалар далалар қалалар walking talking 12, 12, '.repeat(30)

describe('trainSentencePieceBpe', () => {
  const t = trainSentencePieceBpe(text, { vocabSize: 50 })

  it('learns whole words and common ends, within scripts', () => {
    const pieces = t.file.pieces!.map(({ piece }) => piece!)
    expect(pieces).toEqual(expect.arrayContaining(['алалар', 'alking']))
    expect(pieces.filter((piece) => /\d[a-z]|[а-я][a-z]/.test(piece))).toEqual([])
    expect(t.decode(t.encode('далалар 12'))).toBe('далалар 12')
  })

  it('is a model like any other', () => {
    const again = readSentencePiece(writeSentencePiece(t))
    expect(again.encode(text)).toEqual(t.encode(text))
    expect(writeSentencePiece(trainSentencePieceBpe(text.match(/.{1,7}/gs)!, { vocabSize: 50 }))).toEqual(
      writeSentencePiece(t),
    )
  })

  it('refuses what cannot be', () => {
    expect(() => trainSentencePieceBpe(' ', { vocabSize: 50 })).toThrow(DataError)
    expect(() => trainSentencePieceBpe(text, { vocabSize: 9 })).toThrow(ConfigError)
  })
})
