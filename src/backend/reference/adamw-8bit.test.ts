import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeFirst,
  decodeFloat,
  decodeSecond,
  encodeFirst,
  encodeFloat,
  encodeSecond,
  firstMoment,
  scaleOf,
  secondMoment,
} from './adamw-8bit.ts'

const codes = Array.from({ length: 256 }, (_, code) => code)

describe('8-bit codes', () => {
  it('come back from what they stand for', () => {
    // 128 would be a zero with a sign, which nothing encodes to.
    for (const code of codes.filter((code) => code !== 128)) expect(encodeFirst(decodeFirst(code))).toBe(code)
    for (const code of codes) expect(encodeSecond(decodeSecond(code))).toBe(code)
  })

  it('stand for the greater numbers the greater they are', () => {
    for (const code of codes.slice(1)) expect(decodeSecond(code)).toBeGreaterThan(decodeSecond(code - 1))
    for (const code of codes.slice(1, 128)) expect(decodeFirst(code)).toBeGreaterThan(decodeFirst(code - 1))
    expect([decodeFirst(127), decodeFirst(255), decodeSecond(255)]).toEqual([1.875, -1.875, 1.9375])
  })

  it.each([
    ['m', firstMoment],
    ['√v', secondMoment],
  ])('of %s are the nearest: half a step of the mantissa away at most', (_, code) => {
    // Blocks of numbers over 40 powers of two, all of one sign.
    const number = fc.tuple(fc.double({ min: 1, max: 2, noNaN: true }), fc.integer({ min: -40, max: 0 }))
    const block = fc.array(
      number.map(([fraction, exponent]) => fraction * 2 ** exponent),
      { minLength: 1, maxLength: 40 },
    )
    fc.assert(
      fc.property(block, fc.integer({ min: -60, max: 60 }), (numbers, exponent) => {
        const values = Float64Array.from(numbers, (x) => x * 2 ** exponent)
        const scale = scaleOf(values, code)
        const greatest = Math.max(...values)
        for (const value of values) {
          const back = decodeFloat(encodeFloat(value / scale, code), code) * scale
          // In [2^e, 2^(e+1)) codes lie 2^(e−n) apart, below 2⁻¹⁴ scales they lie 2^(−14−n) scales apart; u of f64 for two roundings.
          const half = Math.max(value, 2 ** -14 * scale) * 2 ** -(code.mantissa + 1)
          expect(Math.abs(back - value)).toBeLessThanOrEqual(half + 2 ** -51 * value)
          if (value === greatest) expect(Math.abs(back - value)).toBeLessThanOrEqual(2 ** -51 * value)
        }
      }),
    )
  })

  it('never lose a second moment, and give zeros no sign', () => {
    expect(encodeSecond(1e-30)).toBe(1)
    expect(encodeSecond(0)).toBe(0)
    expect(encodeFirst(-1e-30)).toBe(0)
    expect(scaleOf(Float64Array.of(1e-31, -1e-31), firstMoment)).toBe(0)
  })
})
