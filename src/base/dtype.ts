import { type Shape, sizeOf } from './shape.ts'

/**
 * Element types. The position in this list is the number that kernels see (`DType` in kernels/kernel.h).
 * Arithmetic is done in f32 unless a kernel says otherwise; bf16 and f16 are ways to store. The packed ones hold the rows
 * of a matrix `[N, K]` in a few bits an element, see {@link packings}.
 */
export const dtypes = [
  'f32',
  'bf16',
  'i32',
  'u8',
  'f16',
  'int8',
  'f8e4m3',
  'f8e5m2',
  'nf4',
  'q8_0',
  'q4_0',
  'q4_1',
  'q2_k',
  'q4_k',
  'q5_k',
  'q6_k',
] as const

export type DType = (typeof dtypes)[number]

/** How the rows of a matrix are packed: `bytes` for each `elements` neighbours of a row, and `header` for the row itself. */
export interface Packing {
  readonly elements: number
  readonly bytes: number
  readonly header: number
}

const block = (elements: number, bytes: number): Packing => ({ elements, bytes, header: 0 })
/** One f32 factor, then a byte an element; rows are whole groups of 32. */
const scaledRow: Packing = { elements: 32, bytes: 32, header: 4 }

/**
 * The packed dtypes. A file holds one row after another, as `kernels/README.md` tells; in the memory of a backend 16 rows lie
 * interleaved, so that a vector holds the same elements of all of them, and the last rows are filled up with zeros.
 */
export const packings = {
  int8: scaledRow,
  f8e4m3: scaledRow,
  f8e5m2: scaledRow,
  nf4: block(64, 36),
  q8_0: block(32, 34),
  q4_0: block(32, 18),
  q4_1: block(32, 20),
  q2_k: block(256, 84),
  q4_k: block(256, 144),
  q5_k: block(256, 176),
  q6_k: block(256, 210),
} as const satisfies Partial<Record<DType, Packing>>

export type PackedDType = keyof typeof packings
export type PlainDType = Exclude<DType, PackedDType>

/** Rows that lie interleaved in the memory of a backend. */
export const PANEL_ROWS = 16

/** Whether a dtype is one of the packed ones. @example isPacked('q8_0') // true */
export function isPacked(dtype: DType): dtype is PackedDType {
  return Object.hasOwn(packings, dtype)
}

/** Bytes of one packed row of `columns` elements, which must be whole blocks. @example packedRowBytes('q8_0', 64) // 68 */
export function packedRowBytes(dtype: PackedDType, columns: number): number {
  const { elements, bytes, header } = packings[dtype]
  return header + (columns / elements) * bytes
}

/** A flat typed array that holds elements of a {@link DType}; bf16 and f16 as their bits, packed ones as their bytes. */
export type Elements = Float32Array | Uint16Array | Int32Array | Uint8Array

const constructors = { f32: Float32Array, bf16: Uint16Array, i32: Int32Array, u8: Uint8Array, f16: Uint16Array }

/**
 * Bytes that a value takes in the memory of a backend.
 *
 * @example
 * byteLength('bf16', [2, 3]) // 12
 * byteLength('q8_0', [1, 32]) // 544; a panel of 16 rows
 */
export function byteLength(dtype: DType, shape: Shape): number {
  if (!isPacked(dtype)) return sizeOf(shape) * constructors[dtype].BYTES_PER_ELEMENT
  const columns = shape[shape.length - 1]
  const rows = Math.ceil(sizeOf(shape) / columns / PANEL_ROWS) * PANEL_ROWS
  return rows * packedRowBytes(dtype, columns)
}

/**
 * Bytes that a value takes in a file: packed rows one after another.
 *
 * @example
 * rowsByteLength('q8_0', [1, 32]) // 34
 */
export function rowsByteLength(dtype: DType, shape: Shape): number {
  if (!isPacked(dtype)) return byteLength(dtype, shape)
  const columns = shape[shape.length - 1]
  return (sizeOf(shape) / columns) * packedRowBytes(dtype, columns)
}

/** The elements of a value that lies at `byteOffset` of a buffer, without copying; of a packed one its bytes. */
export function elementsOver(dtype: DType, shape: Shape, buffer: ArrayBufferLike, byteOffset = 0): Elements {
  const Constructor = isPacked(dtype) ? Uint8Array : constructors[dtype]
  const length = byteLength(dtype, shape) / Constructor.BYTES_PER_ELEMENT
  return new Constructor(buffer as ArrayBuffer, byteOffset, length)
}

/** Zeros, for a value of this shape. @example newElements('f32', [2, 3]).length // 6 */
export function newElements(dtype: DType, shape: Shape): Elements {
  return elementsOver(dtype, shape, new ArrayBuffer(byteLength(dtype, shape)))
}

const f32 = new Float32Array(1)
const u32 = new Uint32Array(f32.buffer)

/** Rounds to the nearest bf16 (ties to even) and returns its 16 bits. NaN stays NaN. */
export function toBf16Bits(value: number): number {
  f32[0] = value
  const bits = u32[0]
  if ((bits & 0x7fffffff) > 0x7f800000) return ((bits >>> 16) | 0x40) & 0xffff
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

/** The number that 16 bits of bf16 stand for. */
export function fromBf16Bits(bits: number): number {
  u32[0] = bits << 16
  return f32[0]
}
