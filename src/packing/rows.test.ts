import { describe, expect, it } from 'vitest'
import { type PackedDType, packedRowBytes, packings, random } from '../base/index.ts'
import { codecs } from './codecs.ts'
import { packRows, unpackRows } from './rows.ts'

const dtypes = Object.keys(packings) as PackedDType[]

/**
 * How far a number may be from what was packed, as a share of the greatest magnitude of its block, for even numbers in [−1, 1]:
 * half a step of the codes, and the rounding of a scale of 11 bits (f16), 6 bits (q4_k, q5_k) or 4 (q2_k).
 */
const bounds: Record<PackedDType, number> = {
  int8: 1 / 254 + 1e-6,
  f8e4m3: 2 ** -4,
  f8e5m2: 2 ** -3,
  nf4: (1 - 0.6961928) / 2 + 1e-6,
  q8_0: 1 / 254 + 2 ** -11,
  q4_0: 1 / 8 + 2 ** -11, // the side without the extreme ends one code early
  q4_1: 1 / 15 + 2 ** -10,
  q2_k: 1 / 3 + 2 / 15,
  q4_k: 1 / 15 + 2 / 63,
  q5_k: 1 / 31 + 2 / 63,
  q6_k: 1 / 32 + 1 / 128,
}

describe.each(dtypes)('%s', (dtype) => {
  const columns = 512
  const from = random(2)
  const values = Float32Array.from({ length: 3 * columns }, () => 2 * from.next() - 1)

  it('packs rows one after another, as many bytes as a row has, and reads them again', () => {
    const bytes = packRows(dtype, values, columns)
    expect(bytes.length).toBe(3 * packedRowBytes(dtype, columns))
    const read = unpackRows(dtype, bytes, columns)
    const off = Math.max(...read.map((value, i) => Math.abs(value - values[i])))
    expect(off).toBeLessThanOrEqual(bounds[dtype])
    expect(off).toBeGreaterThan(0)
    const last = new Uint8Array(packedRowBytes(dtype, columns))
    codecs[dtype].pack(values.subarray(2 * columns), last)
    expect(bytes.subarray(2 * last.length)).toEqual(last)
    expect(unpackRows(dtype, last, columns)).toEqual(read.subarray(2 * columns))
  })

  it('is left as it is when what was read is packed again, or nearly', () => {
    const once = unpackRows(dtype, packRows(dtype, values, columns), columns)
    const twice = unpackRows(dtype, packRows(dtype, once, columns), columns)
    const off = Math.max(...twice.map((value, i) => Math.abs(value - once[i])))
    expect(off).toBeLessThanOrEqual(bounds[dtype])
  })

  it('writes over whatever was there', () => {
    const bytes = new Uint8Array(packedRowBytes(dtype, columns)).fill(0xff)
    codecs[dtype].pack(values.subarray(0, columns), bytes)
    expect(bytes).toEqual(packRows(dtype, values.subarray(0, columns), columns))
    const zeros = new Uint8Array(bytes.length).fill(0xff)
    codecs[dtype].pack(new Float32Array(columns), zeros)
    expect(zeros).toEqual(packRows(dtype, new Float32Array(columns), columns))
  })

  it('keeps zeros', () => {
    const read = unpackRows(dtype, packRows(dtype, new Float32Array(columns), columns), columns)
    expect(read.every((value) => value === 0)).toBe(true)
  })

  it('refuses what is not made of whole blocks', () => {
    const { elements } = packings[dtype]
    for (const wrong of [0, elements / 2, elements + 1, NaN]) {
      expect(() => packRows(dtype, values, wrong)).toThrow(`${dtype} packs ${elements} neighbours of a row together`)
      expect(() => unpackRows(dtype, new Uint8Array(0), wrong)).toThrow(`and rows have ${wrong}`)
    }
    expect(() => packRows(dtype, values.subarray(1), columns)).toThrow('1535 values are no whole number of rows of 512')
    expect(() => unpackRows(dtype, new Uint8Array(7), columns)).toThrow('7 bytes are no whole number of rows')
  })

  it.each([NaN, Infinity, -Infinity])('refuses %d', (value) => {
    const spoilt = values.slice()
    spoilt[columns + 5] = value
    expect(() => packRows(dtype, spoilt, columns)).toThrow(`packRows: row 1, column 5 is ${value}`)
  })
})
