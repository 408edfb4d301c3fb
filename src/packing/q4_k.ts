import type { Codec } from './codec.ts'
import { groupsOf32 } from './groups-of-32.ts'

/** {@link groupsOf32} with codes 0 … 15: 32 bytes to two groups, the first in low halves, the second in high ones. */
export const q4_k: Codec = groupsOf32({
  bytes: 144,
  search: { count: 32, greatest: 15, first: -1, last: 20, absolute: false },
  writeCodes(codes, into, at) {
    for (let pair = 0; pair < 4; pair++) {
      for (let i = 0; i < 32; i++) into[at + 32 * pair + i] = codes[64 * pair + i] | (codes[64 * pair + 32 + i] << 4)
    }
  },
  readCodes(bytes, at, codes) {
    for (let pair = 0; pair < 4; pair++) {
      for (let i = 0; i < 32; i++) {
        const both = bytes[at + 32 * pair + i]
        codes[64 * pair + i] = both & 15
        codes[64 * pair + 32 + i] = both >> 4
      }
    }
  },
})
