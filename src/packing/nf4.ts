import type { Codec } from './codec.ts'
import { absoluteMaximum } from './extremes.ts'
import { readFloat, writeFloat } from './float.ts'

/**
 * The sixteen levels of NormalFloat, in [−1, 1]: quantiles of the normal distribution, with a zero.
 * Source: Dettmers et al. 2023, "QLoRA", §3 and appendix E.
 */
export const nf4Levels = Float32Array.of(
  -1,
  -0.6961928009986877,
  -0.5250730514526367,
  -0.39491748809814453,
  -0.28444138169288635,
  -0.18477343022823334,
  -0.09105003625154495,
  0,
  0.07958029955625534,
  0.16093020141124725,
  0.24611230194568634,
  0.33791524171829224,
  0.44070982933044434,
  0.5626170039176941,
  0.7229568362236023,
  1,
)

/** Where one level ends and the next begins to be nearer; of two levels as near the lower one. */
const bounds = Float64Array.from({ length: 16 }, (_, i) => (i < 15 ? (nf4Levels[i] + nf4Levels[i + 1]) / 2 : Infinity))

/** The level at the lower edge of each of 512 cells a unit from −1 on. Bounds lie much further apart than edges. */
const CELLS = 512
const levelAt = Uint8Array.from({ length: 2 * CELLS + 1 }, (_, cell) =>
  bounds.findIndex((bound) => cell / CELLS - 1 <= bound),
)

const BLOCK = 64
const BYTES = 36

/** @param value in [−1, 1] */
function nearestLevel(value: number): number {
  const level = levelAt[((value + 1) * CELLS) | 0]
  return value > bounds[level] ? level + 1 : level
}

/** Blocks of 64: the greatest magnitude as f32, then two levels a byte, the first of them in its low half. */
export const nf4: Codec = {
  pack(values, into) {
    for (let at = 0, to = 0; at < values.length; at += BLOCK, to += BYTES) {
      const greatest = writeFloat(into, to, absoluteMaximum(values, at, BLOCK))
      const inverse = greatest === 0 ? 0 : 1 / greatest
      for (let i = 0; i < BLOCK / 2; i++) {
        const low = nearestLevel(values[at + 2 * i] * inverse)
        into[to + 4 + i] = low | (nearestLevel(values[at + 2 * i + 1] * inverse) << 4)
      }
    }
  },
  unpack(bytes, into) {
    for (let at = 0, from = 0; at < into.length; at += BLOCK, from += BYTES) {
      const greatest = readFloat(bytes, from)
      for (let i = 0; i < BLOCK / 2; i++) {
        const pair = bytes[from + 4 + i]
        into[at + 2 * i] = greatest * nf4Levels[pair & 15]
        into[at + 2 * i + 1] = greatest * nf4Levels[pair >> 4]
      }
    }
  },
}
