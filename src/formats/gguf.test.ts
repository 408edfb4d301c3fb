import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../base/index.ts'
import {
  type GgufElementType,
  type GgufField,
  type GgufTensorType,
  ggufTensorBytes,
  ggufTensorTypes,
  ggufValueTypes,
} from './gguf-types.ts'
import { readGguf } from './read-gguf.ts'
import { ggufField, ggufHeader } from './write-gguf.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const u32 = (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)]
const u64 = (value: number | bigint) => [...new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, BigInt(value))).buffer)]
const text = (value: string) => [...u64(Buffer.byteLength(value)), ...Buffer.from(value)]

/** A file with these counts and whatever follows. */
const file = (tensors: number | bigint, keys: number | bigint, ...rest: number[][]) =>
  Uint8Array.from([...Buffer.from('GGUF'), ...u32(3), ...u64(tensors), ...u64(keys), ...rest.flat()])
/** One with a tensor, whose 64 bytes of data are there. */
function tensorFile(dims: (number | bigint)[], type: number, offset: number | bigint = 0): Uint8Array {
  const header = file(1, 0, text('w'), u32(dims.length), ...dims.map(u64), u32(type), u64(offset))
  const bytes = new Uint8Array(Math.ceil(header.length / 32) * 32 + 64)
  bytes.set(header)
  return bytes
}

const string: GgufField = { type: 'string', value: 'llama' }

describe('GGUF', () => {
  it('has the bytes that its description gives', () => {
    const metadata = new Map<string, GgufField>([
      ['a', { type: 'u8', value: 7 }],
      ['b', { type: 'array', element: 'i32', value: Int32Array.of(-1) }],
    ])
    const { bytes, entries, fileBytes } = ggufHeader(metadata, [
      { name: 'w', type: 'F16', shape: [2, 3] },
      { name: 'v', type: 'Q8_0', shape: [32] },
    ])
    const expected =
      '4747554603000000' + // GGUF, 3
      '0200000000000000' + // tensors
      '0200000000000000' + // keys
      '0100000000000000610000000007' + // a: u8 7
      '01000000000000006209000000050000000100000000000000ffffffff' + // b: list of one i32
      '01000000000000007702000000' + // w, two axes
      '03000000000000000200000000000000' + // innermost first
      '010000000000000000000000' + // F16 at 0
      '010000000000000076010000002000000000000000080000002000000000000000' // v: Q8_0 at 32
    expect(hex(bytes).replace(/(00)+$/, '')).toBe(expected.replace(/(00)+$/, ''))
    expect(bytes.length % 32).toBe(0)
    expect(entries.map(({ offset }) => offset - bytes.length)).toEqual([0, 32])
    expect(fileBytes - bytes.length).toBe(96)
  })

  // The sizes of blocks come from the structures of ggml-common.h: factors in f16, then quants.
  it.each<[GgufTensorType, number]>([
    ['Q4_0', 2 + 32 / 2],
    ['Q4_1', 2 + 2 + 32 / 2],
    ['Q8_0', 2 + 32],
    ['Q2_K', 256 / 16 + 256 / 4 + 2 + 2],
    ['Q3_K', 256 / 8 + 256 / 4 + 12 + 2],
    ['Q4_K', 2 + 2 + 12 + 256 / 2],
    ['Q5_K', 2 + 2 + 12 + 256 / 8 + 256 / 2],
    ['Q6_K', 256 / 2 + 256 / 4 + 256 / 16 + 2],
  ])('has blocks of %s of %d bytes', (type, bytes) => {
    expect(ggufTensorBytes(type, [3, 512])).toBe(3 * (512 / ggufTensorTypes[type].elements) * bytes)
  })

  it('reads what it writes: every type, any alignment', () => {
    const scalar = fc.oneof(
      fc.string().map((value): GgufField => ({ type: 'string', value })),
      fc.boolean().map((value): GgufField => ({ type: 'bool', value })),
      fc.constantFrom<GgufElementType>('u8', 'u16', 'u32', 'u64').chain((type) =>
        fc.bigInt(0n, 2n ** BigInt({ u8: 8, u16: 16, u32: 32, u64: 64 }[type as 'u8']) - 1n).map((big): GgufField => {
          return { type, value: big <= Number.MAX_SAFE_INTEGER ? Number(big) : big }
        }),
      ),
      fc
        .constantFrom<GgufElementType>('i8', 'i32', 'i64')
        .chain((type) => fc.integer({ min: -128, max: 127 }).map((value): GgufField => ({ type, value }))),
      fc.float().map((value): GgufField => ({ type: 'f32', value })),
      fc.double().map((value): GgufField => ({ type: 'f64', value })),
      fc.array(fc.string()).map((value): GgufField => ({ type: 'array', element: 'string', value })),
      fc.array(fc.boolean()).map((value): GgufField => ({ type: 'array', element: 'bool', value })),
      fc.float32Array().map((value): GgufField => ({ type: 'array', element: 'f32', value })),
      fc.bigUint64Array().map((value): GgufField => ({ type: 'array', element: 'u64', value })),
    )
    const tensor = fc.record({
      type: fc.constantFrom(...(Object.keys(ggufTensorTypes) as GgufTensorType[])),
      rows: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
      blocks: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), scalar),
        fc.array(tensor, { maxLength: 6 }),
        fc.nat(8),
        (record, list, power) => {
          const metadata = new Map(Object.entries(record))
          metadata.set('general.alignment', { type: 'u32', value: 2 ** power })
          const tensors = list.map(({ type, rows, blocks }, i) => ({
            name: `t${i}`,
            type,
            shape: [...rows, blocks * ggufTensorTypes[type].elements],
          }))
          const { bytes, entries, fileBytes } = ggufHeader(metadata, tensors)
          const read = readGguf(bytes, { fileBytes })!
          expect([...read.metadata]).toEqual([...metadata])
          expect(read.entries).toEqual(entries)
          expect(read).toMatchObject({ alignment: 2 ** power, headerBytes: bytes.length, fileBytes, version: 3 })
          for (const { offset } of entries) expect(offset % 2 ** power).toBe(0)
        },
      ),
    )
  })

  it('asks for more where a beginning ends within the header', () => {
    const { bytes, fileBytes } = ggufHeader(new Map([['general.architecture', string]]), [
      { name: 'w', type: 'F32', shape: [2] },
    ])
    const end = bytes.findLastIndex((byte) => byte !== 0)
    for (let length = 0; length < bytes.length; length++) {
      const read = readGguf(bytes.subarray(0, length), { fileBytes })
      if (length < end) expect(read).toBeUndefined()
    }
    expect(readGguf(bytes, { fileBytes })?.entries).toHaveLength(1)
  })

  const huge = 2n ** 60n
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(), /x: byte 0: the file does not begin/],
    ['another format', Buffer.from('PK\x03\x04 and so on'), /does not begin with GGUF/],
    ['version 1', Uint8Array.from([...Buffer.from('GGUF'), ...u32(1), ...u64(0), ...u64(0)]), /version 1 is not known/],
    ['the other byte order', Uint8Array.from([...Buffer.from('GGUF'), 0, 0, 0, 3]), /big-endian/],
    ['2^60 tensors', file(huge, 0), /number of tensors is 1152921504606846976, which is too large/],
    ['65537 tensors', file(65537, 0), /65537 tensors cannot be: at most 65536/],
    ['more tensors than fit', file(1000, 0), /1000 tensors cannot be: the file is too small/],
    ['-1 keys', file(0, -1n), /number of metadata entries is 18446744073709551615/],
    ['a key of 2^60 bytes', file(0, 1, u64(huge), u64(0)), /the length of the name/],
    ['a key of 2^40 bytes', file(0, 1, u64(2 ** 40), u64(0)), /has 1099511627776 bytes, at most/],
    ['2^50 strings', file(0, 1, text('k'), u32(9), u32(8), u64(2 ** 50)), /1125899906842624 elements of k cannot be/],
    ['a list of lists', file(0, 1, text('k'), u32(9), u32(9), u64(1)), /k: lists of lists/],
    ['an unknown type', file(0, 1, text('k'), u32(13), u64(1)), /k: type 13 is not known/],
    ['a bool of 2', file(0, 1, text('k'), u32(7), [2]), /a bool is 2/],
    ['a key twice', file(0, 2, text('k'), u32(0), [1], text('k'), u32(0), [1]), /the key "k" comes twice/],
    ['text that is not UTF-8', file(0, 1, u64(1), [0xff], u32(0), [1]), /is not UTF-8/],
    [
      'alignment 0',
      file(0, 1, text('general.alignment'), u32(4), u32(0)),
      /general.alignment: it must be a power of two, got 0/,
    ],
    ['alignment 3', file(0, 1, text('general.alignment'), u32(4), u32(3)), /power of two, got 3/],
    ['an alignment in words', file(0, 1, text('general.alignment'), u32(8), text('32')), /power of two, got 32/],
    ['five axes', tensorFile([1, 1, 1, 1, 1], 0), /has 5 axes/],
    ['sizes that overflow', tensorFile([2 ** 40, 2 ** 40], 0), /there is no F32 of shape/],
    ['a size of 2^63', tensorFile([2n ** 63n], 0), /a size is 9223372036854775808/],
    ['a size of 0', tensorFile([0, 3], 0), /there is no F32 of shape \[3, 0\]/],
    ['half a block', tensorFile([33], 8), /there is no Q8_0 of shape \[33\]/],
    ['a type of tensors that is not known', tensorFile([1], 4), /tensor "w" has type 4/],
    ['a tensor behind the end', tensorFile([32], 0), /tensor "w": it ends at byte 192, the file at 128/],
    ['an offset behind the end', tensorFile([1], 0, 2 ** 50), /the file at 128/],
    ['an odd offset', tensorFile([1], 0, 4), /its offset 4 is no multiple of the alignment 32/],
  ])('refuses %s with its place', (_, bytes, message) => {
    expect(() => readGguf(bytes, { file: 'x' })).toThrow(FormatError)
    expect(() => readGguf(bytes, { file: 'x' })).toThrow(message)
  })

  it('refuses tensors twice and over each other', () => {
    const one = (name: string, offset: number) => [...text(name), ...u32(1), ...u64(16), ...u32(0), ...u64(offset)]
    const both = (a: number[], b: number[]) => Uint8Array.from([...file(2, 0, a, b), ...new Array(400).fill(0)])
    expect(() => readGguf(both(one('a', 0), one('a', 64)))).toThrow(/tensor "a" comes twice/)
    expect(() => readGguf(both(one('a', 0), one('b', 32)))).toThrow(/tensor "b": it begins at byte 128, within "a"/)
    expect(readGguf(both(one('a', 64), one('b', 0)))?.entries).toHaveLength(2)
  })

  it('refuses to write what cannot be read', () => {
    const w = { name: 'w', type: 'Q8_0', shape: [2, 32] } as const
    expect(() => ggufHeader(new Map(), [w, w])).toThrow(/two tensors/)
    expect(() => ggufHeader(new Map(), [{ ...w, shape: [2, 31] }])).toThrow(/no whole blocks of Q8_0/)
    expect(() => ggufHeader(new Map(), [{ ...w, name: 'n'.repeat(64) }])).toThrow(/more than 63 bytes/)
    expect(() => ggufHeader(new Map([['k', { type: 'u8', value: 256 }]]), [])).toThrow(/k: 256 is no u8/)
    expect(() => ggufHeader(new Map([['k', { type: 'i32', value: 1.5 }]]), [])).toThrow(/k: 1.5 is no i32/)
    expect(() => ggufField({})).toThrow(/no type for/)
  })

  it('takes neither time nor memory for a large file of zeros behind its header', () => {
    const bytes = new Uint8Array(longFile)
    bytes.set(file(0, 1, text('k'), u32(9), u32(8), u64(2 ** 22)))
    const started = performance.now()
    expect(() => readGguf(bytes)).toThrow(/k has 4194304 strings, at most/)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('gives a header or a FormatError for any bytes', () => {
    const metadata = new Map(
      ggufValueTypes
        .filter((type) => type !== 'array')
        .map((type, i): [string, GgufField] => {
          return [`k${i}`, { type, value: type === 'string' ? 'x' : type === 'bool' ? true : 1 }]
        }),
    )
    metadata.set('list', { type: 'array', element: 'string', value: ['a', 'bc'] })
    const { bytes, fileBytes } = ggufHeader(metadata, [
      { name: 'w', type: 'Q8_0', shape: [2, 32] },
      { name: 'v', type: 'F32', shape: [3] },
    ])
    const valid = new Uint8Array(fileBytes)
    valid.set(bytes)
    const read = (bytes: Uint8Array): void => {
      try {
        readGguf(bytes)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
      }
    }
    for (let end = 0; end < valid.length; end++) read(valid.subarray(0, end))
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(damage, (places) => {
        const damaged = valid.slice()
        for (const [at, value] of places) damaged[at] = value
        read(damaged)
      }),
      { numRuns: 4000 },
    )
  })
})

const longFile = 40 << 20
