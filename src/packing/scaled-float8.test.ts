import { describe, expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { e4m3, e5m2 } from './float8.ts'
import { f8e4m3, f8e5m2 } from './scaled-float8.ts'

const formats = [
  { name: 'f8e4m3', codec: f8e4m3, numbers: e4m3 },
  { name: 'f8e5m2', codec: f8e5m2, numbers: e5m2 },
]

describe.each(formats)('$name', ({ codec, numbers }) => {
  it('is the nearest number that the factor of its row allows', () => {
    for (let seed = 0; seed < 20; seed++) {
      const from = random(seed)
      const values = Float32Array.from({ length: 96 }, () => (from.next() - 0.5) ** 3 * 10 ** (seed - 9))
      const bytes = new Uint8Array(4 + 96)
      const read = new Float32Array(96)
      codec.pack(values, bytes)
      codec.unpack(bytes, read)
      const factor = new DataView(bytes.buffer).getFloat32(0, true)
      const greatest = Math.max(...values.map(Math.abs))
      expect(factor).toBe(Math.fround(greatest / numbers.greatest))
      const allowed = Array.from(numbers.values).filter(Number.isFinite)
      for (let i = 0; i < 96; i++) {
        const least = Math.min(...allowed.map((number) => Math.abs(factor * number - values[i])))
        // The quotient and the product are rounded once each.
        expect(Math.abs(read[i] - values[i])).toBeLessThanOrEqual(least + Math.abs(values[i]) * 2 ** -23)
      }
      expect(Math.abs(Math.max(...read.map(Math.abs)) / greatest - 1)).toBeLessThanOrEqual(2 ** -23)
    }
  })

  it('makes zeros of zeros, and of what is too small for a factor', () => {
    for (const value of [0, 2 ** -149, -100 * 2 ** -149]) {
      const bytes = new Uint8Array(4 + 32)
      const read = new Float32Array(32).fill(1)
      codec.pack(new Float32Array(32).fill(value), bytes)
      codec.unpack(bytes, read)
      expect(read).toEqual(new Float32Array(32))
    }
  })
})
