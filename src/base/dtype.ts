/**
 * Element types. The position in this list is the number that kernels see (`DType` in kernels/kernel.h).
 * Arithmetic is always done in f32; bf16 is a way to store.
 */
export const dtypes = ['f32', 'bf16', 'i32', 'u8'] as const

export type DType = (typeof dtypes)[number]

/** A flat typed array that holds elements of a {@link DType}; bf16 is the upper half of an f32, as bits. */
export type Elements = Float32Array | Uint16Array | Int32Array | Uint8Array

const constructors = { f32: Float32Array, bf16: Uint16Array, i32: Int32Array, u8: Uint8Array }

/** Bytes of one element. */
export function bytesOf(dtype: DType): number {
  return constructors[dtype].BYTES_PER_ELEMENT
}

/** Elements of `dtype` over existing bytes, without copying. */
export function elementsOver(dtype: DType, buffer: ArrayBufferLike, byteOffset: number, length: number): Elements {
  return new constructors[dtype](buffer as ArrayBuffer, byteOffset, length)
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
