import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../base/index.ts'
import {
  readSafetensorsHeader,
  type SafetensorsDType,
  safetensorsBits,
  safetensorsHeader,
  safetensorsHeaderBytes,
} from './safetensors.ts'

/** A file with this header text and that many bytes of data. */
function file(header: string, dataBytes = 0, length = new TextEncoder().encode(header).length): Uint8Array {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, 8)
  return bytes
}

const tensor = (from: number, to: number, more = '"dtype":"U8"') =>
  `{${more},"shape":[${to - from}],"data_offsets":[${from},${to}]}`

describe('safetensors', () => {
  it('reads what the reference implementation wrote', () => {
    // safetensors 0.8.0: save({'b': int64 [2], 'a': float32 [2, 3], 'c': bool [1]}, metadata={'format': 'pt'})
    const golden =
      'c8000000000000007b225f5f6d657461646174615f5f223a7b22666f726d6174223a227074227d2c2262223a7b226474797065223a22' +
      '493634222c227368617065223a5b325d2c22646174615f6f666673657473223a5b302c31365d7d2c2261223a7b226474797065223a22' +
      '463332222c227368617065223a5b322c335d2c22646174615f6f666673657473223a5b31362c34305d7d2c2263223a7b226474797065' +
      '223a22424f4f4c222c227368617065223a5b315d2c22646174615f6f666673657473223a5b34302c34315d7d7d200100000000000000' +
      '0200000000000000000000000000803f0000004000004040000080400000a04001'
    const bytes = Uint8Array.from(golden.match(/../g)!, (hex) => Number.parseInt(hex, 16))
    const { entries, metadata, fileBytes } = readSafetensorsHeader(bytes)
    const start = safetensorsHeaderBytes(bytes)
    expect(entries).toEqual([
      { name: 'b', dtype: 'I64', shape: [2], offset: start, bytes: 16 },
      { name: 'a', dtype: 'F32', shape: [2, 3], offset: start + 16, bytes: 24 },
      { name: 'c', dtype: 'BOOL', shape: [1], offset: start + 40, bytes: 1 },
    ])
    expect([...metadata]).toEqual([['format', 'pt']])
    expect(fileBytes).toBe(bytes.length)
    const written = safetensorsHeader(entries)
    expect(Buffer.from(written.bytes).toString('hex')).toBe(golden.slice(0, 2 * start))
    expect(written.entries).toEqual(entries)
    expect(written.fileBytes).toBe(bytes.length)
  })

  it('comes back as it was, whatever the names and shapes', () => {
    const anyTensor = fc.record({
      name: fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
      dtype: fc.constantFrom(
        ...(Object.keys(safetensorsBits) as SafetensorsDType[]).filter((d) => safetensorsBits[d] >= 8),
      ),
      shape: fc.array(fc.nat(5), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(fc.uniqueArray(anyTensor, { selector: (t) => t.name }), (tensors) => {
        const { bytes, entries, fileBytes } = safetensorsHeader(tensors)
        const read = readSafetensorsHeader(bytes, { fileBytes })
        const byName = (list: readonly { name: string }[]) => Object.fromEntries(list.map((t) => [`=${t.name}`, t]))
        expect(byName(read.entries)).toEqual(byName(entries))
        expect(bytes.length % 8).toBe(0)
        for (const { offset, dtype } of entries) expect((offset * 8) % safetensorsBits[dtype]).toBe(0)
      }),
    )
  })

  it.each([
    [new Uint8Array(7), /x: byte 0: 7 bytes are there/],
    [file('{}', 0, 1e8 + 1), /header's length is 100000001/],
    [file('{}', 0, 2 ** 40), /header's length is 1099511627776/],
    [file('{}', 0, 0), /at least 2/],
    [file('{}', 0, 90), /truncated: 98 bytes are needed, 10/],
    [file('[]'), /byte 8: .* begin with {/],
    [file(' {}'), /byte 8/],
    [file('{} x'), /character 3: something follows/],
    [file('{"a'), /character 1: /],
    [file(`{"a":${'['.repeat(9999)}`), /nested more than 64/],
    [file(`{"a":${tensor(0, 1)},"a":${tensor(1, 2)}}`, 2), /the name "a" comes twice/],
    [file(`{"a":${tensor(0, 4, '"dtype":"F99"')}}`, 4), /tensor "a": unknown dtype "F99"/],
    [file(`{"a":${tensor(0, 4, '"dtype":"toString"')}}`, 4), /unknown dtype/],
    [file(`{"a":${tensor(0, 4, '"dtype":"F32"')}}`, 4), /F32 of shape \[4\] needs 16 bytes, data_offsets give 4/],
    [file(`{"a":${tensor(0, 3, '"dtype":"F4"')}}`, 3), /needs 1.5 bytes/],
    [file('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}', 1), /shape: expected/],
    [file('{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}', 1), /shape: expected/],
    [file('{"a":{"dtype":"U8","shape":[9007199254740991,9],"data_offsets":[0,1]}}', 1), /needs Infinity bytes/],
    [file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}', 1), /end at 0 before they begin at 1/],
    [file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}', 1), /data_offsets: expected two/],
    [file('{"a":{"dtype":"U8","shape":[1]}}', 1), /data_offsets: expected two/],
    [file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":0}}', 1), /"x" is not part/],
    [file('{"a":[]}'), /tensor "a": expected an object/],
    [file(`{"a":${tensor(0, 2)},"b":${tensor(1, 3)}}`, 3), /tensor "b": begins at byte .* overlaps/],
    [file(`{"a":${tensor(0, 2)},"b":${tensor(3, 4)}}`, 4), /tensor "b": begins at byte .* leaves a gap/],
    [file(`{"a":${tensor(1, 2)}}`, 2), /gap/],
    [file(`{"a":${tensor(0, 2)}}`, 1), /truncated: the tensors end/],
    [file(`{"a":${tensor(0, 2)}}`, 5), /3 bytes follow the last tensor/],
    [file('{"__metadata__":{"a":1}}'), /__metadata__.a: expected a string/],
    [Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0xff, 0x7d), /is not UTF-8/],
  ])('refuses a hostile file and says where and why (%#)', (bytes, message) => {
    expect(() => readSafetensorsHeader(bytes, { file: 'x' })).toThrow(FormatError)
    expect(() => readSafetensorsHeader(bytes, { file: 'x' })).toThrow(message)
  })

  it('refuses to write what cannot be read', () => {
    const a = { name: 'a', dtype: 'F32', shape: [1] } as const
    expect(() => safetensorsHeader([a, a])).toThrow(/same name/)
    expect(() => safetensorsHeader([{ ...a, name: '__metadata__' }])).toThrow(/__metadata__/)
    expect(() => safetensorsHeader([{ ...a, dtype: 'F4', shape: [3] }])).toThrow(/1.5 bytes/)
  })

  it('takes a name that JavaScript treats as special for a name', () => {
    const bytes = file(`{"__proto__":${tensor(0, 1)},"constructor":${tensor(1, 2)}}`, 2)
    expect(readSafetensorsHeader(bytes).entries.map((entry) => entry.name)).toEqual(['__proto__', 'constructor'])
  })

  it('gives a header or a FormatError for any bytes', () => {
    const valid = file(`{"__metadata__":{"format":"pt"},"a":${tensor(0, 2)},"b":${tensor(2, 3)}}`, 3)
    const read = (bytes: Uint8Array): void => {
      try {
        readSafetensorsHeader(bytes)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read), { numRuns: 1000 })
    fc.assert(
      fc.property(fc.json(), fc.nat(20), (json, data) => read(file(json, data))),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\ue1 ә') }), (text) => read(file(`{${text}`))),
      { numRuns: 1000 },
    )
    const damage = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(damage, fc.nat(valid.length), (places, length) => {
        const bytes = valid.slice(0, valid.length - (length % 3))
        for (const [at, value] of places) bytes[at] = value
        read(bytes)
      }),
      { numRuns: 3000 },
    )
  })
})
