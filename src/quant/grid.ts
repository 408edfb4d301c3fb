import { type PackedDType, readHalf } from '../base/index.ts'
import { e4m3, e5m2, type Float8, nf4Levels } from '../packing/index.ts'

/** What the codes of a matrix stand for: value = scale·level(code) + offset, by groups of each row, row after row. */
export interface Scales {
  readonly scale: Float32Array
  /** What values are multiplied with to find their codes; for some types of a scale before it was rounded for storage. */
  readonly inverse: Float32Array
  readonly offset: Float32Array
  /** What codes are counted from: the offset before it was rounded for storage. */
  readonly least: Float32Array
}

/**
 * The values that a packed row can hold once its scales are chosen. Methods that choose codes themselves take the scales of a
 * row as its codec chose them, and write other codes in their place.
 */
export interface Grid {
  readonly dtype: PackedDType
  /** Neighbours of a row of `columns` that share a scale. */
  group(columns: number): number
  /**
   * Reads the scales of a packed row.
   *
   * @param values from which the codec made the row
   * @param at where its first group goes
   */
  read(row: Uint8Array, values: Float32Array, into: Scales, at: number): void
  /** The code nearest to a value; with a scale of 0 any. */
  code(value: number, scales: Scales, group: number): number
  /** By code, 0 … 255. */
  readonly levels: Float32Array
  /** Writes the code of an element into a packed row. */
  put(row: Uint8Array, column: number, code: number): void
}

const { fround } = Math

/** Levels of whole numbers: code − zero, codes below 2ⁿ or signed bytes. */
const wholeLevels = (zero: number) => Float32Array.from({ length: 256 }, (_, code) => code - zero)
const signedLevels = Float32Array.from({ length: 256 }, (_, code) => (code << 24) >> 24)

const floatAt = (bytes: Uint8Array, at: number) =>
  new DataView(bytes.buffer, bytes.byteOffset + at, 4).getFloat32(0, true)
const greatestOf = (values: Float32Array, from: number, to: number) => {
  let greatest = 0
  for (let i = from; i < to; i++) greatest = Math.max(greatest, Math.abs(values[i]))
  return greatest
}
const inverseOf = (scale: number) => (scale === 0 ? 0 : fround(1 / scale))
const evenRound = (value: number) => value + 0x18000000000000 - 0x18000000000000
const clamp = (code: number, least: number, most: number) => (code < least ? least : code > most ? most : code)

/** Nibbles of blocks of 32: the first 16 in low halves. */
const putNibble = (row: Uint8Array, column: number, code: number, block: number, header: number) => {
  const at = (column >> 5) * block + header + (column & 15)
  const shift = (column & 16) >> 2
  row[at] = (row[at] & (0xf0 >> shift)) | (code << shift)
}

const q4_0: Grid = {
  dtype: 'q4_0',
  group: () => 32,
  levels: wholeLevels(8),
  read(row, values, { scale, inverse }, at) {
    for (let g = 0; g < values.length / 32; g++) {
      let extreme = 0
      for (let i = 32 * g; i < 32 * g + 32; i++) if (Math.abs(values[i]) > Math.abs(extreme)) extreme = values[i]
      scale[at + g] = readHalf(row, 18 * g)
      inverse[at + g] = inverseOf(fround(extreme / -8))
    }
  },
  code: (value, { inverse }, group) => clamp(Math.floor(fround(fround(fround(value) * inverse[group]) + 8.5)), 0, 15),
  put: (row, column, code) => putNibble(row, column, code, 18, 2),
}

const q4_1: Grid = {
  dtype: 'q4_1',
  group: () => 32,
  levels: wholeLevels(0),
  read(row, values, { scale, inverse, offset, least }, at) {
    for (let g = 0; g < values.length / 32; g++) {
      const group = values.subarray(32 * g, 32 * g + 32)
      const min = group.reduce((least, value) => Math.min(least, value), Infinity)
      const max = group.reduce((most, value) => Math.max(most, value), -Infinity)
      scale[at + g] = readHalf(row, 20 * g)
      offset[at + g] = readHalf(row, 20 * g + 2)
      inverse[at + g] = inverseOf(fround(fround(max - min) / 15))
      least[at + g] = min
    }
  },
  code: (value, { inverse, least }, group) =>
    clamp(Math.floor(fround(fround(fround(fround(value) - least[group]) * inverse[group]) + 0.5)), 0, 15),
  put: (row, column, code) => putNibble(row, column, code, 20, 4),
}

const q8_0: Grid = {
  dtype: 'q8_0',
  group: () => 32,
  levels: signedLevels,
  read(row, values, { scale, inverse }, at) {
    for (let g = 0; g < values.length / 32; g++) {
      scale[at + g] = readHalf(row, 34 * g)
      inverse[at + g] = inverseOf(fround(greatestOf(values, 32 * g, 32 * g + 32) / 127))
    }
  },
  code(value, { inverse }, group) {
    const code = fround(fround(value) * inverse[group])
    return clamp(Math.trunc(code < 0 ? code - 0.5 : code + 0.5), -127, 127) & 0xff
  },
  put(row, column, code) {
    row[(column >> 5) * 34 + 2 + (column & 31)] = code
  },
}

const int8: Grid = {
  dtype: 'int8',
  group: (columns) => columns,
  levels: signedLevels,
  read(row, _, { scale, inverse }, at) {
    scale[at] = floatAt(row, 0)
    inverse[at] = scale[at] === 0 ? 0 : 1 / scale[at]
  },
  code: (value, { scale }, group) => clamp(evenRound(fround(value) / scale[group]), -127, 127) & 0xff,
  put(row, column, code) {
    row[4 + column] = code
  },
}

const float8 = (dtype: 'f8e4m3' | 'f8e5m2', { values: levels, encode }: Float8): Grid => ({
  ...int8,
  dtype,
  levels: levels.map((level) => (Number.isFinite(level) ? level : 0)),
  code: (value, { scale }, group) => encode(fround(value) / scale[group]),
})

const nf4Bounds = Float64Array.from({ length: 15 }, (_, i) => (nf4Levels[i] + nf4Levels[i + 1]) / 2)
const nf4: Grid = {
  dtype: 'nf4',
  group: () => 64,
  levels: Float32Array.from({ length: 256 }, (_, code) => nf4Levels[code & 15]),
  read(row, values, { scale, inverse }, at) {
    for (let g = 0; g < values.length / 64; g++) {
      scale[at + g] = floatAt(row, 36 * g)
      inverse[at + g] = scale[at + g] === 0 ? 0 : 1
    }
  },
  code(value, { scale }, group) {
    const level = fround(value) * (1 / scale[group])
    let code = level > nf4Bounds[7] ? 8 : 0
    if (level > nf4Bounds[code + 3]) code += 4
    if (level > nf4Bounds[code + 1]) code += 2
    return level > nf4Bounds[code] ? code + 1 : code
  },
  put(row, column, code) {
    const at = (column >> 6) * 36 + 4 + ((column & 63) >> 1)
    const shift = (column & 1) * 4
    row[at] = (row[at] & (0xf0 >> shift)) | (code << shift)
  },
}

/** Types whose codes a method can choose one by one. */
export const grids = {
  int8,
  q8_0,
  q4_0,
  q4_1,
  nf4,
  f8e4m3: float8('f8e4m3', e4m3),
  f8e5m2: float8('f8e5m2', e5m2),
} as const satisfies Partial<Record<PackedDType, Grid>>

/** Whether codes of a type can be chosen one by one. @example hasGrid('q4_0') // true */
export function hasGrid(dtype: string): dtype is keyof typeof grids {
  return Object.hasOwn(grids, dtype)
}

/** Room for the scales of `[rows, columns]`. */
export function newScales(grid: Grid, rows: number, columns: number): Scales {
  const count = rows * (columns / grid.group(columns))
  const numbers = () => new Float32Array(count)
  return { scale: numbers(), inverse: numbers(), offset: numbers(), least: numbers() }
}
