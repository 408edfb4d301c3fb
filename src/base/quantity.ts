// Numbers as people read them, in plans, tables and progress lines, and as they type them.

import { ConfigError } from './errors.ts'

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']

/** A number in [1, 1000) with the prefix that takes it there; three digits after rounding, so 999.6 is 1 k. */
function scaled(value: number): { digits: string; prefix: string } {
  let size = value
  let step = 0
  while (Math.abs(Number(size.toPrecision(3))) >= 1000 && step < prefixes.length - 1) {
    size /= 1000
    step++
  }
  return { digits: String(Number(size.toPrecision(3))), prefix: prefixes[step] }
}

/**
 * A number for people: three digits and a decimal prefix, k = 10³, M = 10⁶, G = 10⁹.
 *
 * @example
 * quantity(1_234_567) // '1.23 M'
 * quantity(4.5e9, 'B') // '4.5 GB'
 */
export function quantity(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return unit ? `${value} ${unit}` : String(value)
  if (value !== 0 && Math.abs(value) < 0.001) return `${value.toExponential(1)}${unit && ` ${unit}`}`
  const { digits, prefix } = scaled(value)
  return prefix || unit ? `${digits} ${prefix}${unit}` : digits
}

/** Powers of a thousand by the letter that people type; `B` is a billion, as in the names of models. */
const letters: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, B: 3, T: 4, P: 5, E: 6 }

/**
 * Reads an amount as people type it: a number, and perhaps one of the letters k, M, G or B (10⁹), T, P, E.
 *
 * @throws ConfigError for anything else, and for amounts of 0 or less
 * @example
 * readQuantity('124M') // 124000000
 * readQuantity('2.5B') // 2500000000
 * readQuantity('1e18') // 1000000000000000000
 */
export function readQuantity(text: string): number {
  const [, digits, letter = ''] = /^\s*(\d*\.?\d+(?:[eE][-+]?\d+)?)\s*([kKmMgGbBtTpPE]?)\s*$/.exec(text) ?? []
  // By the decimal exponent, so that 0.3G is the double nearest to 300000000 and not a product of two roundings.
  const [mantissa, exponent = '0'] = (digits ?? '').toLowerCase().split('e')
  const value = Number(`${mantissa}e${Number(exponent) + 3 * (letters[letter.toUpperCase()] ?? 0)}`)
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new ConfigError(`expected an amount above 0 such as 124M, 2.5B or 1e18, got ${text}`)
  }
  return value
}

/** {@link quantity} without a space, always three digits, for lines that are redrawn: `18.2k`, `18.0k`, `950`. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const { digits, prefix } = scaled(value)
  return `${prefix === '' && Number.isInteger(Number(digits)) ? digits : Number(digits).toPrecision(3)}${prefix}`
}

/**
 * A length of time in its two greatest units, from milliseconds.
 *
 * @example
 * duration(112_400) // '1m52s'
 * duration(8_040) // '8.0s'
 */
export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return '–'
  if (milliseconds < 999.5) return `${Math.round(milliseconds)}ms`
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)}s`
  const seconds = Math.round(milliseconds / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)}d${two(hours % 24)}h`
}
