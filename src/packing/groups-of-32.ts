import { readHalf, writeHalf } from '../base/index.ts'
import type { Codec } from './codec.ts'
import { nearestCode } from './nearest-code.ts'
import { type ScaleAndMinSearch, searchScaleAndMin } from './scale-and-min-search.ts'
import { minOf, scaleOf, writeScales } from './six-bit-scales.ts'

const { fround } = Math
const GROUP = 32
const GROUPS = 8
const BLOCK = GROUP * GROUPS
// Where the parts of a block begin.
const MIN = 2
const SCALES = 4
const CODES = 16

const weights = new Float32Array(GROUP)
const scales = new Float32Array(GROUPS)
const mins = new Float32Array(GROUPS)
const scaleCodes = new Uint8Array(GROUPS)
const minCodes = new Uint8Array(GROUPS)
const codes = new Uint8Array(BLOCK)

export interface GroupsOf32 {
  /** Of a block. */
  readonly bytes: number
  readonly search: ScaleAndMinSearch
  /** Writes the 256 codes of a block, from `at` on. */
  writeCodes(codes: Uint8Array, into: Uint8Array, at: number): void
  readCodes(bytes: Uint8Array, at: number, codes: Uint8Array): void
}

/**
 * Blocks of 256 in 8 groups of 32: f16 d and dmin, twelve bytes of scales and mins, then codes. value = d·scale·code − dmin·min.
 */
export function groupsOf32({ bytes, search, writeCodes, readCodes }: GroupsOf32): Codec {
  return {
    pack(values, into) {
      for (let at = 0, to = 0; at < values.length; at += BLOCK, to += bytes) {
        packBlock(search, values, at, into, to)
        writeCodes(codes, into, to + CODES)
      }
    },
    unpack(packed, into) {
      for (let at = 0, from = 0; at < into.length; at += BLOCK, from += bytes) {
        const d = readHalf(packed, from)
        const dmin = readHalf(packed, from + MIN)
        readCodes(packed, from + CODES, codes)
        for (let group = 0; group < GROUPS; group++) {
          const scale = d * scaleOf(packed, from + SCALES, group)
          const min = dmin * minOf(packed, from + SCALES, group)
          for (let i = GROUP * group; i < GROUP * (group + 1); i++) into[at + i] = scale * codes[i] - min
        }
      }
    },
  }
}

/**
 * 256 values from `at` on become f16 d and dmin and twelve bytes of scales and mins at `to`, and 256 codes. A value weighs its
 * magnitude and the root mean square of its group. Source: ggml, `quantize_row_q4_K_ref`.
 */
function packBlock(search: ScaleAndMinSearch, values: Float32Array, at: number, into: Uint8Array, to: number): void {
  let greatestScale = 0
  let greatestMin = 0
  for (let group = 0; group < GROUPS; group++) {
    const start = at + GROUP * group
    weigh(values, start)
    scales[group] = searchScaleAndMin(search, values, start, weights, codes, GROUP * group, mins, group)
    if (scales[group] > greatestScale) greatestScale = scales[group]
    if (mins[group] > greatestMin) greatestMin = mins[group]
  }
  const inverseScale = greatestScale > 0 ? fround(63 / greatestScale) : 0
  const inverseMin = greatestMin > 0 ? fround(63 / greatestMin) : 0
  for (let group = 0; group < GROUPS; group++) {
    scaleCodes[group] = sixBits(fround(inverseScale * scales[group]))
    minCodes[group] = sixBits(fround(inverseMin * mins[group]))
  }
  const d = writeHalf(into, to, fround(greatestScale / 63))
  const dmin = writeHalf(into, to + MIN, fround(greatestMin / 63))
  writeScales(into, to + SCALES, scaleCodes, minCodes)

  // Once more with the scales as they are stored; where a scale became 0 the codes stay.
  for (let group = 0; group < GROUPS; group++) {
    const scale = fround(d * scaleCodes[group])
    if (scale === 0) continue
    const min = fround(dmin * minCodes[group])
    for (let i = GROUP * group; i < GROUP * (group + 1); i++) {
      const code = nearestCode(fround(fround(values[at + i] + min) / scale))
      codes[i] = Math.max(0, Math.min(search.greatest, code))
    }
  }
}

function weigh(values: Float32Array, at: number): void {
  let sum = 0
  for (let i = at; i < at + GROUP; i++) sum = fround(sum + fround(values[i] * values[i]))
  const rootMeanSquare = fround(Math.sqrt(fround(sum / GROUP)))
  for (let i = 0; i < GROUP; i++) weights[i] = rootMeanSquare + Math.abs(values[at + i])
}

/** As a byte first: a negative code wraps around, as in ggml. */
function sixBits(value: number): number {
  return Math.min(63, nearestCode(value) & 0xff)
}
