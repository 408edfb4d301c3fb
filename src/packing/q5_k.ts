import type { Codec } from './codec.ts'
import { groupsOf32 } from './groups-of-32.ts'

/** Bytes of fifth bits. */
const FIFTHS = 32

/**
 * {@link groupsOf32} with codes 0 … 31: 32 bytes of fifth bits (bit g of byte i is element i of group g), then the other four
 * bits as q4_k has them.
 */
export const q5_k: Codec = groupsOf32({
  bytes: 176,
  search: { count: 32, greatest: 31, first: -0.5, last: 15, absolute: false },
  writeCodes(codes, into, at) {
    for (let i = 0; i < FIFTHS; i++) {
      let fifths = 0
      for (let pair = 0; pair < 4; pair++) {
        const low = codes[64 * pair + i]
        const high = codes[64 * pair + 32 + i]
        into[at + FIFTHS + 32 * pair + i] = (low & 15) | ((high & 15) << 4)
        fifths |= ((low >> 4) | ((high >> 4) << 1)) << (2 * pair)
      }
      into[at + i] = fifths
    }
  },
  readCodes(bytes, at, codes) {
    for (let i = 0; i < FIFTHS; i++) {
      const fifths = bytes[at + i]
      for (let pair = 0; pair < 4; pair++) {
        const both = bytes[at + FIFTHS + 32 * pair + i]
        codes[64 * pair + i] = (both & 15) | (((fifths >> (2 * pair)) & 1) << 4)
        codes[64 * pair + 32 + i] = (both >> 4) | (((fifths >> (2 * pair + 1)) & 1) << 4)
      }
    }
  },
})
