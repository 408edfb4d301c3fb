import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { invalidUtf8Bytes, utf8Decoder } from './utf8.ts'

/** Bytes that often begin, continue or break characters. */
const trickyBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(0x61, 0x80, 0xbf, 0xc1, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xbb, 0xf0, 0xf4, 0xf5),
      fc.nat(255),
    ),
  )
  .map((bytes) => Uint8Array.from(bytes))

describe('utf8Decoder', () => {
  it('gives the text of the whole, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(trickyBytes), (parts) => {
        const decoder = utf8Decoder()
        const text = parts.map((part) => decoder.push(part)).join('') + decoder.end()
        const whole = Uint8Array.from(parts.flatMap((part) => [...part]))
        // TextDecoder, too, leaves out a byte order mark at the beginning.
        expect(text).toBe(new TextDecoder().decode(whole))
        expect(decoder.replacedBytes()).toBe(invalidUtf8Bytes(whole))
      }),
      { numRuns: 2000 },
    )
  })

  it('counts the bytes that are replaced: all that do not survive encoding again', () => {
    fc.assert(
      fc.property(trickyBytes, (bytes) => {
        const lenient = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
        const kept = new TextEncoder().encode(lenient.replaceAll('\ufffd', '')).length
        const real = bytes.reduce(
          (n, b, i) => n + Number(b === 0xef && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd),
          0,
        )
        expect(invalidUtf8Bytes(bytes)).toBe(bytes.length - kept - 3 * real)
      }),
    )
    expect(invalidUtf8Bytes(Uint8Array.of(0x61, 0xff, 0xe2, 0x82, 0x61))).toBe(3)
  })

  it('leaves out a byte order mark at the beginning alone', () => {
    const decoder = utf8Decoder()
    const bytes = new TextEncoder().encode('\ufeffa\ufeff')
    expect([...bytes].map((byte) => decoder.push(Uint8Array.of(byte))).join('') + decoder.end()).toBe('a\ufeff')
  })
})
