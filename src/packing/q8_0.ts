import type { Codec } from './codec.ts'
import { readHalf } from './half.ts'

const BLOCK = 32
const BYTES = 34

/** Blocks of 32: a scale d as f16, then signed bytes; value = d·code. */
export const q8_0: Codec = {
  pack() {
    throw new Error('not yet')
  },
  unpack(bytes, into) {
    for (let at = 0, from = 0; at < into.length; at += BLOCK, from += BYTES) {
      const d = readHalf(bytes, from)
      for (let i = 0; i < BLOCK; i++) into[at + i] = d * ((bytes[from + 2 + i] << 24) >> 24)
    }
  },
}
