import { DataError, type PackedDType, packedRowBytes, packings, ShapeError } from '../base/index.ts'
import { codecs } from './codecs.ts'

/**
 * Packs the rows of a matrix.
 *
 * @param values `[N, K]`, row after row, finite
 * @param columns K, whole blocks of the dtype
 * @returns N packed rows, one after another, as files hold them
 * @throws ShapeError when K is no whole number of blocks, or the values are no whole number of rows
 * @throws DataError for NaN and infinities: a block with one of them stands for nothing
 *
 * @example
 * packRows('q8_0', new Float32Array(64).fill(1), 32).length // 68; two rows of a block each
 */
export function packRows(dtype: PackedDType, values: Float32Array, columns: number): Uint8Array {
  checkColumns('packRows', dtype, columns)
  const rows = values.length / columns
  if (!Number.isInteger(rows)) {
    throw new ShapeError('packRows', `${values.length} values are no whole number of rows of ${columns}`)
  }
  checkFinite(values, columns)
  const rowBytes = packedRowBytes(dtype, columns)
  const packed = new Uint8Array(rows * rowBytes)
  const codec = codecs[dtype]
  for (let row = 0; row < rows; row++) {
    const into = packed.subarray(row * rowBytes, (row + 1) * rowBytes)
    codec.pack(values.subarray(row * columns, (row + 1) * columns), into)
  }
  return packed
}

/**
 * The numbers that packed rows stand for, each rounded to f32 once.
 *
 * @param bytes N packed rows, one after another, as files hold them
 * @param columns K, whole blocks of the dtype
 * @returns `[N, K]`
 * @throws ShapeError when K is no whole number of blocks, or the bytes are no whole number of rows
 *
 * @example
 * unpackRows('q8_0', packRows('q8_0', new Float32Array(32).fill(254), 32), 32)[31] // 254
 */
export function unpackRows(dtype: PackedDType, bytes: Uint8Array, columns: number): Float32Array {
  checkColumns('unpackRows', dtype, columns)
  const rowBytes = packedRowBytes(dtype, columns)
  const rows = bytes.length / rowBytes
  if (!Number.isInteger(rows)) {
    throw new ShapeError('unpackRows', `${bytes.length} bytes are no whole number of rows of ${rowBytes}`)
  }
  const values = new Float32Array(rows * columns)
  const codec = codecs[dtype]
  for (let row = 0; row < rows; row++) {
    const into = values.subarray(row * columns, (row + 1) * columns)
    codec.unpack(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), into)
  }
  return values
}

function checkColumns(operation: string, dtype: PackedDType, columns: number): void {
  const { elements } = packings[dtype]
  if (columns > 0 && columns % elements === 0) return
  throw new ShapeError(operation, `${dtype} packs ${elements} neighbours of a row together, and rows have ${columns}`)
}

function checkFinite(values: Float32Array, columns: number): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] - values[i] === 0) continue
    const [row, column] = [Math.floor(i / columns), i % columns]
    throw new DataError(`packRows: row ${row}, column ${column} is ${values[i]}; only finite numbers can be packed`)
  }
}
