import { readHalf, writeHalf } from '../base/index.ts'
import type { Codec } from './codec.ts'

const { fround } = Math
const BLOCK = 32
const BYTES = 18

/** Blocks of 32: a scale d as f16, then codes 0 … 15, the first 16 in low halves of bytes; value = d·(code − 8). */
export const q4_0: Codec = {
  pack(values, into) {
    for (let at = 0, to = 0; at < values.length; at += BLOCK, to += BYTES) {
      const d = fround(extreme(values, at) / -8)
      const inverse = d === 0 ? 0 : fround(1 / d) // of d before it is rounded to f16
      writeHalf(into, to, d)
      for (let i = 0; i < 16; i++) {
        into[to + 2 + i] = codeOf(values[at + i], inverse) | (codeOf(values[at + 16 + i], inverse) << 4)
      }
    }
  },
  unpack(bytes, into) {
    for (let at = 0, from = 0; at < into.length; at += BLOCK, from += BYTES) {
      const d = readHalf(bytes, from)
      for (let i = 0; i < 16; i++) {
        const pair = bytes[from + 2 + i]
        into[at + i] = d * ((pair & 15) - 8)
        into[at + 16 + i] = d * ((pair >> 4) - 8)
      }
    }
  },
}

/** The value of greatest magnitude, the first of equals: it becomes code 0. */
function extreme(values: Float32Array, at: number): number {
  let greatest = 0
  let found = 0
  for (let i = at; i < at + BLOCK; i++) {
    const magnitude = Math.abs(values[i])
    if (magnitude > greatest) {
      greatest = magnitude
      found = values[i]
    }
  }
  return found
}

/** Halves go up. */
function codeOf(value: number, inverse: number): number {
  const code = fround(fround(value * inverse) + 8.5) | 0
  return code > 15 ? 15 : code
}
