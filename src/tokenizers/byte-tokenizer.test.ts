import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteTokenizer } from './byte-tokenizer.ts'

describe('byteTokenizer', () => {
  const bytes = byteTokenizer({ specials: ['<|end|>'] })

  it('gives the bytes of UTF-8, and loses nothing', () => {
    expect([...bytes.encode('Aә😀')]).toEqual([0x41, 0xd3, 0x99, 0xf0, 0x9f, 0x98, 0x80])
    expect([...bytes.encodeBytes(Uint8Array.of(0, 255, 128))]).toEqual([0, 255, 128])
    const encoder = bytes.encoder()
    expect(['ә', '\ud83d', '\ude00'].map((part) => encoder.push(part).length)).toEqual([2, 0, 4])
    expect([...bytes.bytesOf(0xd3)]).toEqual([0xd3])
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([...bytes.encode(text)]).toEqual([...new TextEncoder().encode(text)])
        expect([...bytes.encodeBytes(new TextEncoder().encode(text))]).toEqual([...bytes.encoding(text).ids])
        expect(bytes.decode(bytes.encode(text))).toBe(text.toWellFormed())
      }),
    )
  })

  it('has special tokens behind the bytes, found only where allowed', () => {
    expect(bytes.vocabSize).toBe(257)
    expect([...bytes.encode('a<|end|>', { allowSpecials: true })]).toEqual([97, 256])
    expect(bytes.encode('a<|end|>')).toHaveLength(8)
  })

  it('gives characters as their last byte comes', () => {
    const stream = bytes.stream()
    expect([0xd3, 0x99, 0x41, 0xf0].map((byte) => stream.push(byte))).toEqual(['', 'ә', 'A', ''])
    expect(stream.end()).toBe('\ufffd')
  })
})
