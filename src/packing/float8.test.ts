import { describe, expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { e4m3, e5m2, nearestEven } from './float8.ts'

/** By definition (Micikevicius et al. 2022, table 1), from bits of exponent and mantissa and what the last exponent means. */
function definition(code: number, exponentBits: number, special: (mantissa: number) => number | undefined): number {
  const mantissaBits = 7 - exponentBits
  const bias = 2 ** (exponentBits - 1) - 1
  const sign = code >= 128 ? -1 : 1
  const exponent = (code & 127) >> mantissaBits
  const mantissa = code & (2 ** mantissaBits - 1)
  const unusual = exponent === 2 ** exponentBits - 1 ? special(mantissa) : undefined
  if (unusual !== undefined) return sign * unusual
  const fraction = mantissa / 2 ** mantissaBits
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - bias) : fraction * 2 ** (1 - bias))
}

const formats = [
  {
    name: 'E4M3FN',
    format: e4m3,
    greatest: 448,
    of: (code: number) => definition(code, 4, (mantissa) => (mantissa === 7 ? NaN : undefined)),
  },
  {
    name: 'E5M2',
    format: e5m2,
    greatest: 57344,
    of: (code: number) => definition(code, 5, (mantissa) => (mantissa === 0 ? Infinity : NaN)),
  },
]

describe.each(formats)('$name', ({ format, greatest, of }) => {
  const finite = Array.from({ length: 256 }, (_, code) => code).filter((code) => Number.isFinite(of(code)))

  it('stands for what its definition says, all 256 codes', () => {
    expect(Array.from(format.values)).toEqual(Array.from({ length: 256 }, (_, code) => of(code)))
    expect(Math.max(...finite.map(of))).toBe(greatest)
    expect(format.greatest).toBe(greatest)
  })

  it('is found again from each of its numbers', () => {
    expect(finite.map((code) => format.encode(of(code)))).toEqual(finite)
  })

  it('is the nearest number, and in the middle of two the even code', () => {
    const positive = finite.filter((code) => code < 128)
    for (const code of positive.slice(0, -1)) {
      const [low, high] = [of(code), of(code + 1)]
      const middle = (low + high) / 2 // an f32 too
      const [before, after] = [Math.fround(middle * (1 - 2 ** -24)), Math.fround(middle * (1 + 2 ** -23))]
      expect([before, middle, after].map(format.encode)).toEqual([code, code + (code & 1), code + 1])
      expect([before, middle, after].map((x) => format.encode(-x) & 127)).toEqual([code, code + (code & 1), code + 1])
    }
  })

  it('is the nearest for numbers of any size', () => {
    const from = random(1)
    for (let i = 0; i < 2000; i++) {
      const value = Math.fround((2 * from.next() - 1) * 2 ** (40 * from.next() - 24))
      const off = Math.abs(format.values[format.encode(value)] - value)
      const least = Math.min(...finite.map((code) => Math.abs(of(code) - value)))
      expect(off).toBe(least)
    }
  })

  it('saturates, and keeps NaN and the sign of zero', () => {
    const last = finite.filter((code) => code < 128).length - 1
    expect([greatest * 1.1, 3e38, Infinity].map(format.encode)).toEqual([last, last, last])
    expect([-greatest * 1.1, -Infinity].map(format.encode)).toEqual([last + 128, last + 128])
    expect(format.values[format.encode(NaN)]).toBeNaN()
    expect([0, -0].map(format.encode)).toEqual([0, 128])
  })
})

it('nearestEven goes to the nearest whole number, halves to the even one', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4999, -126.5001].map(nearestEven)).toEqual([0, 2, 2, 0, -2, -2, 2, -127])
})
