import type { PackedDType } from '../base/index.ts'

/**
 * A run of bits that interleaving moves as a whole: in a row of a file they begin at bit `from`, in a panel at
 * `to + row·stride`; bits are counted from the lowest of the first byte.
 */
export interface Field {
  readonly from: number
  readonly to: number
  readonly stride: number
  readonly width: 1 | 2 | 4 | 8
  /** What is flipped on the way. */
  readonly flip: number
}

/** What a panel is made of: a header, once, then blocks of so many elements of each of its rows. */
export interface PanelLayout {
  readonly header: readonly Field[]
  readonly block: readonly Field[]
}

const move = (from: number, to: number, stride: number, width: Field['width'], flip = 0): Field[] => [
  { from, to, stride, width, flip },
]

/** `each` for 0 … count − 1. */
const list = (count: number, each: (i: number) => Field[]): Field[] =>
  Array.from({ length: count }, (_, i) => each(i)).flat()

/** `size` bytes of a row that stay together; `from` and `to` in bytes. */
const whole = (from: number, to: number, size: number): Field[] =>
  list(size, (i) => move(8 * (from + i), 8 * (to + i), 8 * size, 8))

// Codes of 32 neighbours lie in vectors of 64 bytes: four bytes of row 0, four of row 1, … A byte has its place in them by
// its quad, k div 4, and by k mod 4. `to` is the byte where the first vector begins.

/** A byte a code: a vector to a quad. */
const byte = (from: number, to: number, k: number, flip = 0): Field[] =>
  move(from, 8 * (to + 64 * (k >> 2) + (k & 3)), 32, 8, flip)
/** Half a byte: vector v has quad v in its low halves, quad v + 4 in its high ones. */
const nibble = (from: number, to: number, k: number): Field[] =>
  move(from, 8 * (to + 64 * ((k >> 2) & 3) + (k & 3)) + 4 * (k >> 4), 32, 4)
/** Two bits: vector v has quads 4v … 4v + 3. */
const pair = (from: number, to: number, k: number): Field[] =>
  move(from, 8 * (to + 64 * (k >> 4) + (k & 3)) + 2 * ((k >> 2) & 3), 32, 2)
/** One bit: all quads in one vector. */
const bit = (from: number, to: number, k: number): Field[] => move(from, 8 * (to + (k & 3)) + (k >> 2), 32, 1)

/** Signed codes are stored with their highest bit flipped: 0 … 255, meaning −128 … 127. */
const SIGN = 0x80

/** The six-bit scales and mins of q4_k and q5_k: 8 vectors of low bits (scale, min), then 4 of the upper two of two groups. */
function sixBitScales(from: number, to: number): Field[] {
  return list(8, (group) => {
    const low = 8 * (to + 16 * group)
    const high = 8 * (to + 128 + 16 * (group >> 1)) + 4 * (group & 1)
    const at = 8 * (from + group)
    return group < 4
      ? [
          ...move(at, low, 8, 4),
          ...move(at + 4, high, 8, 2),
          ...move(at + 32, low + 4, 8, 4),
          ...move(at + 36, high + 2, 8, 2),
        ]
      : [
          ...move(at + 32, low, 8, 4),
          ...move(at - 26, high, 8, 2),
          ...move(at + 36, low + 4, 8, 4),
          ...move(at + 6, high + 2, 8, 2),
        ]
  })
}

/** Where the low four bits of element k of a block of q4_k or q5_k lie: 32 bytes hold two groups. */
const kNibble = (codes: number, k: number) => 8 * (codes + 32 * (k >> 6) + (k & 31)) + 4 * ((k >> 5) & 1)

const floats8: PanelLayout = { header: whole(0, 0, 4), block: list(32, (k) => move(8 * k, 8 * 16 * k, 8, 8)) }

/** Per dtype; the block's `from` counts from its beginning in the row, `to` from its beginning in the panel. */
export const panelLayouts: Readonly<Record<PackedDType, PanelLayout>> = {
  int8: { header: whole(0, 0, 4), block: list(32, (k) => byte(8 * k, 0, k, SIGN)) },
  f8e4m3: floats8,
  f8e5m2: floats8,
  nf4: { header: [], block: [...whole(0, 0, 4), ...list(32, (i) => move(8 * (4 + i), 8 * (64 + 16 * i), 8, 8))] },
  q8_0: { header: [], block: [...whole(0, 0, 2), ...list(32, (k) => byte(8 * (2 + k), 32, k, SIGN))] },
  q4_0: {
    header: [],
    block: [...whole(0, 0, 2), ...list(32, (k) => nibble(8 * (2 + (k & 15)) + 4 * (k >> 4), 32, k))],
  },
  q4_1: {
    header: [],
    block: [
      ...whole(0, 0, 2),
      ...whole(2, 32, 2),
      ...list(32, (k) => nibble(8 * (4 + (k & 15)) + 4 * (k >> 4), 64, k)),
    ],
  },
  // Groups of 16 have a vector of scales and mins each; then 32 neighbours lie in 128 bytes.
  q2_k: {
    header: [],
    block: [
      ...whole(80, 0, 2),
      ...whole(82, 32, 2),
      ...list(16, (group) => move(8 * group, 8 * (64 + 16 * group), 8, 8)),
      ...list(256, (k) => {
        const from = 8 * (16 + 32 * (k >> 7) + (k & 31)) + 2 * ((k >> 5) & 3)
        return pair(from, 320 + 128 * (k >> 5), k & 31)
      }),
    ],
  },
  q4_k: {
    header: [],
    block: [
      ...whole(0, 0, 2),
      ...whole(2, 32, 2),
      ...sixBitScales(4, 64),
      ...list(256, (k) => nibble(kNibble(16, k), 256 + 256 * (k >> 5), k & 31)),
    ],
  },
  // Of 32 neighbours 256 bytes are the low bits, 64 the fifth ones.
  q5_k: {
    header: [],
    block: [
      ...whole(0, 0, 2),
      ...whole(2, 32, 2),
      ...sixBitScales(4, 64),
      ...list(256, (k) => [
        ...nibble(kNibble(48, k), 256 + 320 * (k >> 5), k & 31),
        ...bit(8 * (16 + (k & 31)) + (k >> 5), 512 + 320 * (k >> 5), k & 31),
      ]),
    ],
  },
  // Groups of 16 have a vector of scales each; of 32 neighbours 256 bytes are the low bits, 128 the upper two.
  q6_k: {
    header: [],
    block: [
      ...whole(208, 0, 2),
      ...list(16, (group) => move(8 * (192 + group), 8 * (32 + 16 * group), 8, 8)),
      ...list(256, (k) => {
        const [half, j, i] = [k >> 7, (k >> 5) & 3, k & 31]
        return [
          ...nibble(8 * (64 * half + 32 * (j & 1) + i) + 4 * (j >> 1), 288 + 384 * (k >> 5), i),
          ...pair(8 * (128 + 32 * half + i) + 2 * j, 544 + 384 * (k >> 5), i),
        ]
      }),
    ],
  },
}
