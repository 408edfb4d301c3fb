import { readHalf, writeHalf } from '../base/index.ts'
import type { Codec } from './codec.ts'
import { nearestCode } from './nearest-code.ts'
import { searchScale } from './scale-search.ts'

const { fround } = Math
const BLOCK = 256
const GROUP = 16
const GROUPS = 16
const BYTES = 210
// Where the parts of a block begin; the low four bits of codes come first.
const HIGH = 128
const SCALES = 192
const D = 208

const HALF = 32 // of the codes, which stand for −32 … 31
/** Below this a block counts as zeros. */
const NOTHING = fround(1e-15)

const codes = new Uint8Array(BLOCK)
const scales = new Float32Array(GROUPS)

/**
 * Blocks of 256 in 16 groups of 16: codes 0 … 63 as low halves and upper two bits, then a signed byte of scale to each group,
 * then f16 d. value = d·scale·(code − 32). Element 128·h + 32·j + i has its low bits in byte 64·h + 32·(j mod 2) + i, in the
 * high half of it when j ≥ 2, and its upper two in bits 2j and 2j + 1 of byte 32·h + i.
 */
export const q6_k: Codec = {
  pack(values, into) {
    for (let at = 0, to = 0; at < values.length; at += BLOCK, to += BYTES) {
      if (!chooseCodes(values, at, into, to)) {
        into.fill(0, to, to + BYTES)
        continue
      }
      for (let i = 0; i < 64; i++) {
        const first = (i >> 5) * 128 + (i & 31)
        const low = to + 64 * (i >> 5) + (i & 31)
        into[low] = (codes[first] & 15) | ((codes[first + 64] & 15) << 4)
        into[low + 32] = (codes[first + 32] & 15) | ((codes[first + 96] & 15) << 4)
        const high = (codes[first] >> 4) | ((codes[first + 32] >> 4) << 2)
        into[to + HIGH + i] = high | ((codes[first + 64] >> 4) << 4) | ((codes[first + 96] >> 4) << 6)
      }
    }
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

/**
 * Writes d and the scales of a block, and leaves its codes; false for a block of zeros.
 * Source: ggml, `quantize_row_q6_K_ref`.
 */
function chooseCodes(values: Float32Array, at: number, into: Uint8Array, to: number): boolean {
  let greatest = 0
  let extreme = 0
  for (let group = 0; group < GROUPS; group++) {
    scales[group] = searchScale(values, at + GROUP * group, HALF, codes, GROUP * group)
    const magnitude = Math.abs(scales[group])
    if (magnitude > greatest) {
      greatest = magnitude
      extreme = scales[group]
    }
  }
  if (greatest < NOTHING) return false
  const inverse = fround(-128 / extreme)
  const d = writeHalf(into, to + D, fround(1 / inverse))
  for (let group = 0; group < GROUPS; group++) {
    const scaleCode = Math.min(127, nearestCode(fround(inverse * scales[group])))
    into[to + SCALES + group] = scaleCode
    // Once more with the scale as it is stored; where it became 0 the codes stay.
    const scale = fround(d * scaleCode)
    if (scale === 0) continue
    for (let i = GROUP * group; i < GROUP * (group + 1); i++) {
      codes[i] = Math.max(-HALF, Math.min(HALF - 1, nearestCode(fround(values[at + i] / scale)))) + HALF
    }
  }
  return true
}
