import { describe, expect, it } from 'vitest'
import { byteLength, dtypes, elementsOver, fromBf16Bits, isPacked, packedRowBytes, toBf16Bits } from './dtype.ts'

/** bf16 has 8 bits of significand: neighbours of 1 are 2⁻⁷ above and 2⁻⁸ below. */
const ulp = 2 ** -7

describe('bf16', () => {
  it('keeps what it can hold', () => {
    for (const value of [0, 1, -1, 1 + ulp, 2 ** 127, -(2 ** -126), 2 ** -133, Number.NEGATIVE_INFINITY]) {
      expect(fromBf16Bits(toBf16Bits(value))).toBe(value)
    }
    expect(Object.is(fromBf16Bits(toBf16Bits(-0)), -0)).toBe(true)
  })

  it('gives back all 2¹⁶ patterns, NaN as NaN', () => {
    const changed: number[] = []
    for (let bits = 0; bits < 0x10000; bits++) {
      const again = toBf16Bits(fromBf16Bits(bits))
      const expectsNaN = Number.isNaN(fromBf16Bits(bits))
      if (expectsNaN ? !Number.isNaN(fromBf16Bits(again)) : again !== bits) changed.push(bits)
    }
    expect(changed).toEqual([])
  })

  it('rounds to nearest', () => {
    expect(fromBf16Bits(toBf16Bits(1 + 0.4 * ulp))).toBe(1)
    expect(fromBf16Bits(toBf16Bits(1 + 0.6 * ulp))).toBe(1 + ulp)
    expect(fromBf16Bits(toBf16Bits(-1 - 0.6 * ulp))).toBe(-1 - ulp)
  })

  it('rounds ties to even', () => {
    expect(fromBf16Bits(toBf16Bits(1 + 0.5 * ulp))).toBe(1)
    expect(fromBf16Bits(toBf16Bits(1 + 1.5 * ulp))).toBe(1 + 2 * ulp)
    expect(fromBf16Bits(toBf16Bits(-1 - 1.5 * ulp))).toBe(-1 - 2 * ulp)
    expect(fromBf16Bits(toBf16Bits(1 + 0.5 * ulp + 2 ** -23))).toBe(1 + ulp) // just above the tie
  })

  it('overflows to infinity, and NaN stays NaN', () => {
    const greatest = fromBf16Bits(0x7f7f)
    expect(fromBf16Bits(toBf16Bits(greatest))).toBe(greatest)
    expect(fromBf16Bits(toBf16Bits(greatest + 2 ** 119))).toBe(Number.POSITIVE_INFINITY)
    expect(fromBf16Bits(toBf16Bits(greatest + 2 ** 118))).toBe(greatest)
    expect(fromBf16Bits(toBf16Bits(-1e39))).toBe(Number.NEGATIVE_INFINITY)
    expect(toBf16Bits(Number.NaN) & 0x7fff).toBeGreaterThan(0x7f80)
  })

  it('keeps a NaN whose payload lies in the bits that are cut off', () => {
    const bits = new Uint32Array([0x7f800001])
    const nan = new Float32Array(bits.buffer)[0]
    expect(Number.isNaN(fromBf16Bits(toBf16Bits(nan)))).toBe(true)
  })
})

describe('dtypes', () => {
  it('are in the order that kernels know', () => {
    const plain = dtypes.filter((dtype) => !isPacked(dtype))
    expect(plain).toEqual(['f32', 'bf16', 'i32', 'u8', 'f16'])
    expect(plain.map((dtype) => byteLength(dtype, [3]))).toEqual([12, 6, 12, 3, 6])
  })

  it('pack rows as files do, sixteen to a panel', () => {
    expect(packedRowBytes('q4_k', 512)).toBe(288)
    expect(byteLength('q8_0', [17, 64])).toBe(32 * 68)
    expect(byteLength('int8', [1, 32])).toBe(16 * 36)
  })

  it('look at bytes without copying them', () => {
    const buffer = new ArrayBuffer(16)
    const floats = elementsOver('f32', [2], buffer, 8)
    floats[1] = 1
    expect([...elementsOver('bf16', [4], buffer, 8)]).toEqual([0, 0, 0, toBf16Bits(1)])
  })
})
