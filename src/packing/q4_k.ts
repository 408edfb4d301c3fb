import { readHalf } from '../base/index.ts'
import type { Codec } from './codec.ts'
import { packGroupsOf32 } from './groups-of-32.ts'
import type { ScaleAndMinSearch } from './scale-and-min-search.ts'
import { minOf, scaleOf } from './six-bit-scales.ts'

const BLOCK = 256
const BYTES = 144
// Where the parts of a block begin.
const MIN = 2
const SCALES = 4
const CODES = 16

const search: ScaleAndMinSearch = { count: 32, greatest: 15, first: -1, last: 20, absolute: false }
const codes = new Uint8Array(BLOCK)

/**
 * Blocks of 256 in 8 groups of 32: f16 d and dmin, twelve bytes of scales and mins, then codes 0 … 15, 32 bytes to two groups:
 * the first in low halves, the second in high ones. value = d·scale·code − dmin·min.
 */
export const q4_k: Codec = {
  pack(values, into) {
    for (let at = 0, to = 0; at < values.length; at += BLOCK, to += BYTES) {
      packGroupsOf32(search, values, at, into, to, codes)
      for (let pair = 0; pair < 4; pair++) {
        for (let i = 0; i < 32; i++) {
          into[to + CODES + 32 * pair + i] = codes[64 * pair + i] | (codes[64 * pair + 32 + i] << 4)
        }
      }
    }
  },
  unpack(bytes, into) {
    for (let at = 0, from = 0; at < into.length; at += BLOCK, from += BYTES) {
      const d = readHalf(bytes, from)
      const dmin = readHalf(bytes, from + MIN)
      for (let group = 0; group < 8; group++) {
        const scale = d * scaleOf(bytes, from + SCALES, group)
        const min = dmin * minOf(bytes, from + SCALES, group)
        const codes = from + CODES + (group >> 1) * 32
        const shift = (group & 1) * 4
        for (let i = 0; i < 32; i++) into[at + 32 * group + i] = scale * ((bytes[codes + i] >> shift) & 15) - min
      }
    }
  },
}
