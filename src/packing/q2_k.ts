import type { Codec } from './codec.ts'
import { readHalf } from './half.ts'

const BLOCK = 256
const BYTES = 84
// Where the parts of a block begin; its scales come first.
const CODES = 16
const D = 80
const MIN = 82

/**
 * Blocks of 256 in 16 groups of 16. Scales of the groups come first, a byte each: scale in the low half, min in the high one;
 * then codes 0 … 3; then f16 d and dmin. value = d·scale·code − dmin·min. Half h of a block has 32 bytes of codes: bits 2j and
 * 2j + 1 of byte i are element 128·h + 32·j + i.
 */
export const q2_k: Codec = {
  pack() {
    throw new Error('not yet')
  },
  unpack(bytes, into) {
    for (let at = 0, from = 0; at < into.length; at += BLOCK, from += BYTES) {
      const d = readHalf(bytes, from + D)
      const dmin = readHalf(bytes, from + MIN)
      for (let group = 0; group < 16; group++) {
        const scales = bytes[from + group]
        const scale = d * (scales & 15)
        const min = dmin * (scales >> 4)
        const codes = from + CODES + (group >> 3) * 32 + (group & 1) * 16
        const shift = group & 6
        for (let i = 0; i < 16; i++) into[at + 16 * group + i] = scale * ((bytes[codes + i] >> shift) & 3) - min
      }
    }
  },
}
