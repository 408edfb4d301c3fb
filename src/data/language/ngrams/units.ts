import { outlineOf } from '../../index.ts'

/** What a model of n-grams counts: words as outlines have them (small letters, no punctuation), or characters. */
export type Unit = 'word' | 'character'

/** Stands for what is before the first unit of a text. */
export const beforeText = 0

/** The units of a text as numbers of 32 bits: hashes of words; code points, where white space of any length is one space. */
export function unitsOf(text: string, unit: Unit): Uint32Array {
  if (unit === 'word') return outlineOf(text).words.hashes
  const units = new Uint32Array(text.length)
  let count = 0
  let inSpace = true
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!
    if (point > 0xffff) i++
    const isSpace = point <= 0x20 || point === 0xa0 || point === 0x2028 || point === 0x2029 || point === 0x85
    if (isSpace && inSpace) continue
    units[count++] = isSpace ? 0x20 : point
    inSpace = isSpace
  }
  return units.subarray(0, count)
}

/** The hash of an n-gram, 32 bits with sign, from that of its first n − 1 units and the last. That of no units is 1. */
export function hashWith(context: number, unit: number): number {
  let hash = Math.imul(context ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(unit ^ (unit >>> 15), 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  return hash ^ (hash >>> 16)
}

export const emptyHash = 1

/** Hashes of the n-grams before a text: of so many times {@link beforeText}. `[order]`, the first of no units. */
export function hashesBefore(order: number): Int32Array {
  const hashes = new Int32Array(order).fill(emptyHash)
  for (let n = 1; n < order; n++) hashes[n] = hashWith(hashes[n - 1], beforeText)
  return hashes
}
