import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../base/index.ts'
import { pieceTypes, readSentencePieceFile, type SentencePieceFile, writeSentencePieceFile } from './sentencepiece.ts'

const file: SentencePieceFile = {
  pieces: [
    { piece: '<unk>', score: 0, type: pieceTypes.unknown },
    { piece: '▁сә', score: -1.5 },
    { piece: 'лем', score: -2.25, type: pieceTypes.normal },
  ],
  trainer: { modelType: 1, vocabSize: 3, byteFallback: false, paddingId: -1, controlSymbols: ['<a>', '<b>'] },
  normalizer: { name: 'identity', charsmap: Uint8Array.of(1, 2, 3), addDummyPrefix: false },
  selfTest: Uint8Array.of(),
  denormalizer: {},
}
const bytes = writeSentencePieceFile(file)

function read(bytes: Uint8Array): void {
  try {
    readSentencePieceFile(bytes)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
  }
}

describe('SentencePiece files', () => {
  it('reads what it writes', () => {
    expect(readSentencePieceFile(bytes)).toEqual(file)
    expect(writeSentencePieceFile(readSentencePieceFile(bytes))).toEqual(bytes)
  })

  it('writes what other writers of protocol buffers write', () => {
    const written = writeSentencePieceFile({ pieces: [{ piece: 'a', score: -1, type: 3 }], trainer: { paddingId: -1 } })
    // Field 1, 10 bytes: a string of one byte, a float, 3. Field 2, 12 bytes: field 43 is −1 in ten bytes.
    const piece = [0x0a, 10, 0x0a, 1, 0x61, 0x15, 0, 0, 0x80, 0xbf, 0x18, 3]
    const trainer = [0x12, 12, 0xd8, 0x02, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
    expect([...written]).toEqual([...piece, ...trainer])
  })

  it('keeps fields it does not know, in place of their messages', () => {
    // Field 200, a varint; in a piece field 9, eight bytes.
    const extra = [0xc0, 0x0c, 0x96, 0x01]
    const odd = Uint8Array.from([0x0a, 12, 0x0a, 1, 0x61, 0x49, 1, 2, 3, 4, 5, 6, 7, 8, ...extra])
    const entries = readSentencePieceFile(odd)
    expect(entries.pieces?.[0].piece).toBe('a')
    expect([...entries.unknownFields!]).toEqual(extra)
    expect(writeSentencePieceFile(entries)).toEqual(odd)
  })

  it.each([
    ['a length beyond the end', [0x0a, 200, 1], /byte 1: a length of 200, but 0 bytes are left/],
    ['a huge length', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], /byte 1/],
    ['a number without end', Array(11).fill(0xff), /byte 0: a number has more than ten bytes/],
    ['a wrong wire type', [0x08, 1], /byte 0: pieces has wire type 0, expected 2/],
    ['an unknown wire type', [0xc6, 0x0c], /wire type 6/],
    ['a string that is not UTF-8', [0x0a, 3, 0x0a, 1, 0xff], /byte 3: a string is not UTF-8/],
  ])('refuses %s with its place', (_, list, message) => {
    expect(() => readSentencePieceFile(Uint8Array.from(list as number[]))).toThrow(message)
  })

  it('survives truncation at every byte, random bytes and damage', () => {
    for (let end = 0; end < bytes.length; end++) read(bytes.subarray(0, end))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), read), { numRuns: 2000 })
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(damage, (places) => {
        const damaged = bytes.slice()
        for (const [at, value] of places) damaged[at] = value
        read(damaged)
      }),
      { numRuns: 3000 },
    )
  })
})
