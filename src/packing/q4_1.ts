import type { Codec } from './codec.ts'
import { readHalf } from './half.ts'

const BLOCK = 32
const BYTES = 20

/** Blocks of 32: a scale d and a least value m as f16, then codes 0 … 15, the first 16 in low halves of bytes; value = d·code + m. */
export const q4_1: Codec = {
  pack() {
    throw new Error('not yet')
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
