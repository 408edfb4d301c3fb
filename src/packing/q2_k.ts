import { readHalf, writeHalf } from '../base/index.ts'
import type { Codec } from './codec.ts'
import { nearestCode } from './nearest-code.ts'
import { type ScaleAndMinSearch, searchScaleAndMin } from './scale-and-min-search.ts'

const { fround } = Math
const BLOCK = 256
const GROUP = 16
const GROUPS = 16
const BYTES = 84
// Where the parts of a block begin; its scales come first.
const CODES = 16
const D = 80
const MIN = 82

const search: ScaleAndMinSearch = { count: GROUP, greatest: 3, first: -0.5, last: 15, absolute: true }
const codes = new Uint8Array(BLOCK)
const weights = new Float32Array(GROUP)
const scales = new Float32Array(GROUPS)
const mins = new Float32Array(GROUPS)

/**
 * Blocks of 256 in 16 groups of 16. Scales of the groups come first, a byte each: scale in the low half, min in the high one;
 * then codes 0 … 3; then f16 d and dmin. value = d·scale·code − dmin·min. Half h of a block has 32 bytes of codes: bits 2j and
 * 2j + 1 of byte i are element 128·h + 32·j + i.
 */
export const q2_k: Codec = {
  pack(values, into) {
    for (let at = 0, to = 0; at < values.length; at += BLOCK, to += BYTES) {
      chooseCodes(values, at, into, to)
      for (let i = 0; i < 64; i++) {
        const first = (i >> 5) * 128 + (i & 31)
        const low = codes[first] | (codes[first + 32] << 2)
        into[to + CODES + i] = low | (codes[first + 64] << 4) | (codes[first + 96] << 6)
      }
    }
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

/** Writes d, dmin and the scales and mins of a block, and leaves its codes. Source: ggml, `quantize_row_q2_K_ref`. */
function chooseCodes(values: Float32Array, at: number, into: Uint8Array, to: number): void {
  let greatestScale = 0
  let greatestMin = 0
  for (let group = 0; group < GROUPS; group++) {
    const start = at + GROUP * group
    for (let i = 0; i < GROUP; i++) weights[i] = Math.abs(values[start + i])
    scales[group] = searchScaleAndMin(search, values, start, weights, codes, GROUP * group, mins, group)
    if (scales[group] > greatestScale) greatestScale = scales[group]
    if (mins[group] > greatestMin) greatestMin = mins[group]
  }
  const inverseScale = greatestScale > 0 ? fround(15 / greatestScale) : 0
  const inverseMin = greatestMin > 0 ? fround(15 / greatestMin) : 0
  const d = writeHalf(into, to + D, fround(greatestScale / 15))
  const dmin = writeHalf(into, to + MIN, fround(greatestMin / 15))
  for (let group = 0; group < GROUPS; group++) {
    const scaleCode = nearestCode(fround(inverseScale * scales[group]))
    into[to + group] = scaleCode | (nearestCode(fround(inverseMin * mins[group])) << 4)
    // Once more with the scales as they are stored; where a scale became 0 the codes stay.
    const scale = fround(d * (into[to + group] & 15))
    if (scale === 0) continue
    const min = fround(dmin * (into[to + group] >> 4))
    for (let i = GROUP * group; i < GROUP * (group + 1); i++) {
      codes[i] = Math.max(0, Math.min(3, nearestCode(fround(fround(values[at + i] + min) / scale))))
    }
  }
}
