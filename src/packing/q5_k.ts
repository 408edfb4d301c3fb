import { readHalf } from '../base/index.ts'
import type { Codec } from './codec.ts'
import { packGroupsOf32 } from './groups-of-32.ts'
import type { ScaleAndMinSearch } from './scale-and-min-search.ts'
import { minOf, scaleOf } from './six-bit-scales.ts'

const BLOCK = 256
const BYTES = 176
// Where the parts of a block begin.
const MIN = 2
const SCALES = 4
const FIFTH_BITS = 16
const CODES = 48

const search: ScaleAndMinSearch = { count: 32, greatest: 31, first: -0.5, last: 15, absolute: false }
const codes = new Uint8Array(BLOCK)

/**
 * Blocks of 256 in 8 groups of 32: f16 d and dmin, twelve bytes of scales and mins, 32 bytes of fifth bits (bit g of byte i is
 * element i of group g), then the other four bits as q4_k has them. value = d·scale·code − dmin·min, codes 0 … 31.
 */
export const q5_k: Codec = {
  pack(values, into) {
    for (let at = 0, to = 0; at < values.length; at += BLOCK, to += BYTES) {
      packGroupsOf32(search, values, at, into, to, codes)
      for (let i = 0; i < 32; i++) {
        let fifths = 0
        for (let pair = 0; pair < 4; pair++) {
          const low = codes[64 * pair + i]
          const high = codes[64 * pair + 32 + i]
          into[to + CODES + 32 * pair + i] = (low & 15) | ((high & 15) << 4)
          fifths |= ((low >> 4) | ((high >> 4) << 1)) << (2 * pair)
        }
        into[to + FIFTH_BITS + i] = fifths
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
        for (let i = 0; i < 32; i++) {
          const fifth = (bytes[from + FIFTH_BITS + i] >> group) & 1
          into[at + 32 * group + i] = scale * (((bytes[codes + i] >> shift) & 15) | (fifth << 4)) - min
        }
      }
    }
  },
}
