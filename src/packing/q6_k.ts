import type { Codec } from './codec.ts'
import { readHalf } from './half.ts'

const BLOCK = 256
const BYTES = 210
// Where the parts of a block begin; the low four bits of codes come first.
const HIGH = 128
const SCALES = 192
const D = 208

/**
 * Blocks of 256 in 16 groups of 16: codes 0 … 63 as low halves and upper two bits, then a signed byte of scale to each group,
 * then f16 d. value = d·scale·(code − 32). Element 128·h + 32·j + i has its low bits in byte 64·h + 32·(j mod 2) + i, in the
 * high half of it when j ≥ 2, and its upper two in bits 2j and 2j + 1 of byte 32·h + i.
 */
export const q6_k: Codec = {
  pack() {
    throw new Error('not yet')
  },
  unpack(bytes, into) {
    for (let at = 0, from = 0; at < into.length; at += BLOCK, from += BYTES) {
      const d = readHalf(bytes, from + D)
      for (let group = 0; group < 16; group++) {
        const scale = d * ((bytes[from + SCALES + group] << 24) >> 24)
        const half = group >> 3
        const j = (group >> 1) & 3
        const low = from + 64 * half + 32 * (j & 1) + 16 * (group & 1)
        const high = from + HIGH + 32 * half + 16 * (group & 1)
        const lowShift = (j >> 1) * 4
        for (let i = 0; i < 16; i++) {
          const code = ((bytes[low + i] >> lowShift) & 15) | (((bytes[high + i] >> (2 * j)) & 3) << 4)
          into[at + 16 * group + i] = scale * (code - 32)
        }
      }
    }
  },
}
