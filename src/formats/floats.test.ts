import { describe, expect, it } from 'vitest'
import { floats } from './floats.ts'

const bytesOf = (values: Uint16Array | Float32Array) => new Uint8Array(values.buffer)

describe('floats of files', () => {
  // Source: IEEE 754-2019, table 3.5 (binary16).
  it('reads the corners of f16', () => {
    const bits = [0x0001, 0x03ff, 0x0400, 0x3555, 0x7bff, 0x7c00, 0xfc00, 0x8000]
    const values = [2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1365 / 4096, 65504, Infinity, -Infinity, -0]
    expect([...floats(bytesOf(Uint16Array.from(bits)), 'F16')]).toEqual(values)
    expect(floats(bytesOf(Uint16Array.of(0x7e00)), 'F16')[0]).toBeNaN()
  })

  it('reads bf16 as the upper half of an f32', () => {
    const values = [1, -2.5, 2 ** -126, 2 ** -133, 2 ** 127, Infinity, -0]
    const upper = values.map((value) => new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16)
    expect([...floats(bytesOf(Uint16Array.from(upper)), 'BF16')]).toEqual(values)
  })

  it('reads from any place, and leaves the bytes alone', () => {
    const bytes = Buffer.alloc(9)
    bytes.set(bytesOf(Float32Array.of(0.1, 7)), 1)
    const before = Buffer.from(bytes)
    const found = floats(bytes.subarray(1), 'F32')
    expect([...found]).toEqual([Math.fround(0.1), 7])
    found[0] = 5
    expect(bytes).toEqual(before)
  })

  it('refuses what is no float of these', () => {
    expect(() => floats(new Uint8Array(8), 'F64')).toThrow('F64 is none of F32, F16, BF16')
  })
})
