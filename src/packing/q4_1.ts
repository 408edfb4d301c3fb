import { readHalf, writeHalf } from '../base/index.ts'
import type { Codec } from './codec.ts'

const { fround } = Math
const BLOCK = 32
const BYTES = 20

/** Blocks of 32: a scale d and a least value m as f16, then codes 0 … 15, the first 16 in low halves of bytes; value = d·code + m. */
export const q4_1: Codec = {
  pack(values, into) {
    for (let at = 0, to = 0; at < values.length; at += BLOCK, to += BYTES) {
      let min = Infinity
      let max = -Infinity
      for (let i = at; i < at + BLOCK; i++) {
        if (values[i] < min) min = values[i]
        if (values[i] > max) max = values[i]
      }
      const d = fround(fround(max - min) / 15)
      const inverse = d === 0 ? 0 : fround(1 / d) // of d before it is rounded to f16
      writeHalf(into, to, d)
      writeHalf(into, to + 2, min)
      for (let i = 0; i < 16; i++) {
        const low = codeOf(values[at + i], min, inverse)
        into[to + 4 + i] = low | (codeOf(values[at + 16 + i], min, inverse) << 4)
      }
    }
  },
  unpack(bytes, into) {
    for (let at = 0, from = 0; at < into.length; at += BLOCK, from += BYTES) {
      const d = readHalf(bytes, from)
      const m = readHalf(bytes, from + 2)
      for (let i = 0; i < 16; i++) {
        const pair = bytes[from + 4 + i]
        into[at + i] = d * (pair & 15) + m
        into[at + 16 + i] = d * (pair >> 4) + m
      }
    }
  },
}

/** Halves go up. */
function codeOf(value: number, min: number, inverse: number): number {
  const code = fround(fround(fround(value - min) * inverse) + 0.5) | 0
  return code > 15 ? 15 : code
}
