import { describe, expect, it } from 'vitest'
import { fromHalf, readHalf, toHalf, writeHalf } from './half.ts'

/** Binary16 by definition: one bit of sign, five of exponent biased by 15, ten of mantissa. */
function definition(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 1023
  if (exponent === 31) return mantissa ? NaN : sign * Infinity
  return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : (mantissa / 1024) * 2 ** -14)
}

describe('binary16', () => {
  it('stands for what its definition says, all 65536 of it', () => {
    const wrong = Array.from({ length: 65536 }, (_, bits) => bits).filter(
      (bits) => !Object.is(fromHalf(bits), definition(bits)),
    )
    expect(wrong).toEqual([])
  })

  it('is found again from every number of it, and from the middle of two the even one', () => {
    for (let bits = 0; bits < 0x7c00; bits++) {
      const value = definition(bits)
      if (toHalf(value) !== bits || toHalf(-value) !== (bits | 0x8000)) expect(toHalf(value)).toBe(bits)
      if (bits === 0x7bff) continue
      const middle = (value + definition(bits + 1)) / 2
      if (toHalf(middle) !== bits + (bits & 1)) expect([bits, toHalf(middle)]).toEqual([bits, bits + (bits & 1)])
    }
  })

  it('ends at 65504', () => {
    expect([65504, 65519.99, 65520, Infinity, -65520].map(toHalf)).toEqual([0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00])
    expect(toHalf(NaN) & 0x7fff).toBeGreaterThan(0x7c00)
  })

  it('lies in bytes lowest first', () => {
    const bytes = new Uint8Array(3)
    expect(writeHalf(bytes, 1, 1.0001)).toBe(1)
    expect(bytes).toEqual(Uint8Array.of(0, 0, 0x3c))
    expect(readHalf(bytes, 1)).toBe(1)
  })
})
