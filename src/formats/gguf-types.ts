import type { Shape } from '../base/index.ts'

/**
 * GGUF: a header with typed metadata and the list of tensors, then the tensors' bytes, each at a multiple of the alignment.
 * Everything is little-endian. Source: the format's description in github.com/ggml-org/ggml (docs/gguf.md).
 */

/** Types of metadata; the position in this list is the number in files. */
export const ggufValueTypes = [
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'f32',
  'bool',
  'string',
  'array',
  'u64',
  'i64',
  'f64',
] as const

export type GgufValueType = (typeof ggufValueTypes)[number]
/** Types of the elements of a list. */
export type GgufElementType = Exclude<GgufValueType, 'array'>

export type GgufTypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array

export type GgufScalar = string | number | bigint | boolean

/** One entry of the metadata. Whole numbers of 64 bits are numbers where those can hold them, else bigints. */
export type GgufField =
  | { readonly type: GgufElementType; readonly value: GgufScalar }
  | { readonly type: 'array'; readonly element: 'string'; readonly value: readonly string[] }
  | { readonly type: 'array'; readonly element: 'bool'; readonly value: readonly boolean[] }
  | {
      readonly type: 'array'
      readonly element: Exclude<GgufElementType, 'string' | 'bool'>
      readonly value: GgufTypedArray
    }

/** Bytes of one value, of the types that have a fixed size. */
export const ggufValueBytes: Readonly<Record<Exclude<GgufElementType, 'string'>, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  u64: 8,
  i64: 8,
  f64: 8,
}

/** A type of tensors: its number in files, and the bytes that hold so many neighbouring elements of a row. */
export interface GgufTensorLayout {
  readonly number: number
  readonly elements: number
  readonly bytes: number
}

const layout = (number: number, elements: number, bytes: number): GgufTensorLayout => ({ number, elements, bytes })

/** The types of tensors, by ggml's names. Source: ggml.h and ggml-common.h of github.com/ggml-org/ggml. */
export const ggufTensorTypes = {
  F32: layout(0, 1, 4),
  F16: layout(1, 1, 2),
  Q4_0: layout(2, 32, 18),
  Q4_1: layout(3, 32, 20),
  Q5_0: layout(6, 32, 22),
  Q5_1: layout(7, 32, 24),
  Q8_0: layout(8, 32, 34),
  Q8_1: layout(9, 32, 36),
  Q2_K: layout(10, 256, 84),
  Q3_K: layout(11, 256, 110),
  Q4_K: layout(12, 256, 144),
  Q5_K: layout(13, 256, 176),
  Q6_K: layout(14, 256, 210),
  Q8_K: layout(15, 256, 292),
  IQ2_XXS: layout(16, 256, 66),
  IQ2_XS: layout(17, 256, 74),
  IQ3_XXS: layout(18, 256, 98),
  IQ1_S: layout(19, 256, 50),
  IQ4_NL: layout(20, 32, 18),
  IQ3_S: layout(21, 256, 110),
  IQ2_S: layout(22, 256, 82),
  IQ4_XS: layout(23, 256, 136),
  I8: layout(24, 1, 1),
  I16: layout(25, 1, 2),
  I32: layout(26, 1, 4),
  I64: layout(27, 1, 8),
  F64: layout(28, 1, 8),
  IQ1_M: layout(29, 256, 56),
  BF16: layout(30, 1, 2),
  TQ1_0: layout(34, 256, 54),
  TQ2_0: layout(35, 256, 66),
  MXFP4: layout(39, 32, 17),
} as const satisfies Readonly<Record<string, GgufTensorLayout>>

export type GgufTensorType = keyof typeof ggufTensorTypes

/** A tensor that is to be written. */
export interface GgufTensor {
  /** At most 63 bytes. */
  readonly name: string
  readonly type: GgufTensorType
  /** Outermost axis first, as everywhere here; the file has them the other way round. */
  readonly shape: Shape
}

/** A tensor and where it lies: `bytes` bytes at `offset` from the beginning of the file. */
export interface GgufEntry extends GgufTensor {
  readonly offset: number
  readonly bytes: number
}

export interface GgufHeader {
  readonly version: number
  readonly alignment: number
  readonly metadata: ReadonlyMap<string, GgufField>
  /** In the order of the file. */
  readonly entries: readonly GgufEntry[]
  /** Bytes before the first tensor. */
  readonly headerBytes: number
  /** Of the whole file. */
  readonly fileBytes: number
}

/** Multiples of this are the offsets of tensors where metadata says nothing else. */
export const ggufAlignment = 32

/**
 * Bytes of a tensor; undefined when its rows are not whole blocks, or when they are too many to count.
 *
 * @example
 * ggufTensorBytes('Q8_0', [2, 64]) // 136
 * ggufTensorBytes('Q8_0', [2, 65]) // undefined
 */
export function ggufTensorBytes(type: GgufTensorType, shape: Shape): number | undefined {
  const { elements, bytes } = ggufTensorTypes[type]
  const columns = shape.at(-1) ?? 1
  const count = shape.reduce((size, axis) => size * axis, 1)
  const total = (count / elements) * bytes
  return columns % elements === 0 && Number.isSafeInteger(total) ? total : undefined
}

/** Values of the metadata without their types. @example ggufValues(new Map([['a', { type: 'u8', value: 5 }]])).get('a') // 5 */
export function ggufValues(metadata: ReadonlyMap<string, GgufField>): Map<string, unknown> {
  return new Map([...metadata].map(([key, { value }]) => [key, value]))
}
