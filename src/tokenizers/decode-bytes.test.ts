import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteTexts } from './decode-bytes.ts'

const decoded = (bytes: readonly number[]) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))

describe('text of tokens that are bytes', () => {
  it('is that of all bytes, however they are cut and whatever they are', () => {
    const byte = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0x41, 0xd2, 0x9b, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed),
    )
    const tokens = fc.array(fc.array(byte, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(tokens, fc.array(fc.nat(), { maxLength: 12 }), (vocabulary, picks) => {
        const ids = picks.map((pick) => pick % vocabulary.length)
        const run = byteTexts((id) => Uint8Array.from(vocabulary[id])).begin()
        const texts = [...ids.map((id) => run.push(id)), run.end()]
        expect(texts.join('')).toBe(decoded(ids.flatMap((id) => vocabulary[id])))
      }),
      { numRuns: 2000 },
    )
  })

  it('comes when a character is whole', () => {
    const vocabulary = [[0x61], [0xf0, 0x9f], [0x98], [0x80, 0x62], [0xef, 0xbb, 0xbf]]
    const run = byteTexts((id) => Uint8Array.from(vocabulary[id])).begin()
    expect([4, 0, 1, 2, 3, 0].map((id) => run.push(id))).toEqual(['\ufeff', 'a', '', '', '😀b', 'a'])
    expect([run.push(1), run.end()]).toEqual(['', '\ufffd'])
  })
})
