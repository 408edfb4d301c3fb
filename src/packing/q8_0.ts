import { readHalf, writeHalf } from '../base/index.ts'
import type { Codec } from './codec.ts'
import { absoluteMaximum } from './extremes.ts'

const { fround } = Math
const BLOCK = 32
const BYTES = 34

/** Blocks of 32: a scale d as f16, then signed bytes; value = d·code. */
export const q8_0: Codec = {
  pack(values, into) {
    for (let at = 0, to = 0; at < values.length; at += BLOCK, to += BYTES) {
      const d = fround(absoluteMaximum(values, at, BLOCK) / 127)
      const inverse = d === 0 ? 0 : fround(1 / d) // of d before it is rounded to f16
      writeHalf(into, to, d)
      for (let i = 0; i < BLOCK; i++) {
        const code = fround(values[at + i] * inverse)
        into[to + 2 + i] = code < 0 ? code - 0.5 : code + 0.5 // halves away from zero; storing cuts the fraction off
      }
    }
  },
  unpack(bytes, into) {
    for (let at = 0, from = 0; at < into.length; at += BLOCK, from += BYTES) {
      const d = readHalf(bytes, from)
      for (let i = 0; i < BLOCK; i++) into[at + i] = d * ((bytes[from + 2 + i] << 24) >> 24)
    }
  },
}
