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
    for (const code of codes) expect(encodeFirst(decodeFirst(code))).toBe(code)
    for (const code of codes.slice(1)) expect(encodeSecond(decodeSecond(code))).toBe(code)
  })

  it('stand for the greater numbers the greater they are', () => {
    for (const code of codes.slice(1)) expect(decodeSecond(code)).toBeGreaterThan(decodeSecond(code - 1))
    for (const code of codes.slice(1, 128)) expect(decodeFirst(code)).toBeGreaterThan(decodeFirst(code - 1))
    const [first, second] = [1.875 - 2 ** -15, 1.9375 - 2 ** -15]
    expect([decodeFirst(127), decodeFirst(255), decodeSecond(255)]).toEqual([first, -first, second])
    expect([decodeFirst(0), decodeSecond(0)]).toEqual([0, 0])
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
          // Of numbers with 2⁻¹⁵ scales added, codes in [2^e, 2^(e+1)) lie 2^(e−n) apart; four roundings of f64.
          const half = (value + 2 ** -15 * scale) * 2 ** -(code.mantissa + 1)
          const rounding = 2 ** -51 * (value + 2 ** -15 * scale)
          expect(Math.abs(back - value)).toBeLessThanOrEqual(half + rounding)
          if (value === greatest) expect(Math.abs(back - value)).toBeLessThanOrEqual(rounding)
        }
      }),
    )
  })

  it('never lose a second moment, and tell small blocks from none', () => {
    expect([encodeSecond(1e-30), encodeSecond(0)]).toEqual([1, 1])
    expect(scaleOf(Float64Array.of(1e-31, -1e-31), firstMoment)).toBe(0)
    expect(scaleOf(Float64Array.of(1e-30, 0), firstMoment)).toBeGreaterThan(0)
  })
})
