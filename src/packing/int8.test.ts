import { expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { int8 } from './int8.ts'

function packed(values: Float32Array) {
  const bytes = new Uint8Array(4 + values.length)
  const read = new Float32Array(values.length)
  int8.pack(values, bytes)
  int8.unpack(bytes, read)
  const factor = new DataView(bytes.buffer).getFloat32(0, true)
  return { factor, codes: new Int8Array(bytes.buffer, 4), read }
}

it('is off by half a factor at most', () => {
  for (let seed = 0; seed < 50; seed++) {
    const from = random(seed)
    const values = Float32Array.from({ length: 320 }, () => (from.next() - 0.5) * 10 ** (seed / 2 - 12))
    const { factor, codes, read } = packed(values)
    expect(factor).toBe(Math.fround(Math.max(...values.map(Math.abs)) / 127))
    expect(Math.max(...codes.map(Math.abs))).toBe(127)
    // Half a code by rounding; value/factor and factor·code are rounded too, to 2⁻²⁴ of 127 codes each.
    const bound = factor * (0.5 + 2 * 127 * 2 ** -24)
    for (let i = 0; i < values.length; i++) expect(Math.abs(read[i] - values[i])).toBeLessThanOrEqual(bound)
  }
})

it('rounds halves to the even code', () => {
  const values = new Float32Array(32)
  values.set([127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, -127])
  expect(packed(values).codes.subarray(0, 8)).toEqual(Int8Array.of(127, 0, 2, 2, 0, -2, -2, -127))
})

it('makes zeros of zeros, and of what is too small for a factor', () => {
  for (const value of [0, 2 ** -149, 60 * 2 ** -149]) {
    expect(packed(new Float32Array(32).fill(value)).read).toEqual(new Float32Array(32))
  }
})
