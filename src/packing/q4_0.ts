import type { Codec } from './codec.ts'
import { readHalf } from './half.ts'

const BLOCK = 32
const BYTES = 18

/** Blocks of 32: a scale d as f16, then codes 0 … 15, the first 16 in low halves of bytes; value = d·(code − 8). */
export const q4_0: Codec = {
  pack() {
    throw new Error('not yet')
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
