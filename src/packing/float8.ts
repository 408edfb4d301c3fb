// Floats of eight bits, as in Micikevicius et al. 2022, "FP8 formats for deep learning", table 1. The first bit is the sign.

/** A format of floats in eight bits. */
export interface Float8 {
  /** The number that each of the 256 codes stands for. */
  readonly values: Float32Array
  /** The greatest finite one. */
  readonly greatest: number
  /** The code of the nearest value, of two as near the even one; beyond the greatest the greatest; NaN a NaN. */
  encode(value: number): number
}

const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/**
 * @param mantissaBits of the 7 after the sign; the rest is the exponent, biased by half its range
 * @param greatestCode the last code that is a finite number; the NaN is 0x7f
 */
function float8(mantissaBits: number, greatestCode: number, isInfinity: (code: number) => boolean): Float8 {
  const bias = 2 ** (6 - mantissaBits) - 1
  const steps = 2 ** mantissaBits
  const least = 2 ** (1 - bias - mantissaBits)
  const numberOf = (code: number) => {
    const magnitude = code & 0x7f
    const sign = code < 0x80 ? 1 : -1
    if (magnitude > greatestCode) return isInfinity(magnitude) ? sign * Infinity : NaN
    const exponent = magnitude >> mantissaBits
    if (exponent === 0) return sign * magnitude * least
    return sign * (1 + (magnitude % steps) / steps) * 2 ** (exponent - bias)
  }
  const values = Float32Array.from({ length: 256 }, (_, code) => numberOf(code))

  const shift = 23 - mantissaBits // what a f32 has more of
  const rebias = (127 - bias) << mantissaBits
  const leastNormal = least * steps
  return {
    values,
    greatest: values[greatestCode],
    encode(value) {
      single[0] = value
      const sign = (bits[0] >>> 24) & 0x80
      const magnitude = bits[0] & 0x7fffffff
      if (magnitude > 0x7f800000) return sign | 0x7f
      if (Math.abs(value) < leastNormal) return sign | nearestEven(Math.abs(single[0]) / least)
      const half = (1 << (shift - 1)) - 1 + ((magnitude >>> shift) & 1)
      return sign | Math.min(((magnitude + half) >>> shift) - rebias, greatestCode)
    },
  }
}

/** The nearest whole number, of two as near the even one; exact below 2⁵¹. @example nearestEven(2.5) // 2 */
export function nearestEven(value: number): number {
  return value + 0x18000000000000 - 0x18000000000000
}

/** E4M3FN: four bits of exponent, three of mantissa, up to 448, no infinities. @example e4m3.values[0x7e] // 448 */
export const e4m3 = float8(3, 0x7e, () => false)

/** E5M2: five bits of exponent, two of mantissa, up to 57344, with infinities. @example e5m2.values[0x7b] // 57344 */
export const e5m2 = float8(2, 0x7b, (code) => code === 0x7c)
