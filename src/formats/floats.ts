import { ConfigError, type DType } from '../base/index.ts'
import { fromBytes } from '../packing/index.ts'
import type { SafetensorsDType } from './safetensors.ts'

/** What a safetensors file calls the dtypes that weights are plainly stored in. */
export const floatNames = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const satisfies Partial<
  Record<DType, SafetensorsDType>
>

/** Element types that {@link floats} reads. */
export const floatDTypes = ['F32', 'F16', 'BF16'] as const satisfies readonly SafetensorsDType[]

/**
 * Elements of a safetensors file as f32. Every f16 and bf16 is an f32 too, so nothing is rounded.
 *
 * @param bytes whole elements, little-endian
 * @throws ConfigError for a dtype that is not one of {@link floatDTypes}
 *
 * @example
 * floats(Uint8Array.of(0, 0x3c, 0, 0xc0), 'F16') // [1, -2]
 * floats(Uint8Array.of(0x80, 0x3f), 'BF16') // [1]
 */
export function floats(bytes: Uint8Array, dtype: SafetensorsDType): Float32Array {
  const name = (['f32', 'f16', 'bf16'] as const).find((each) => floatNames[each] === dtype)
  if (name === undefined) throw new ConfigError(`floats: ${dtype} is none of ${floatDTypes.join(', ')}`)
  return fromBytes(name, bytes, bytes.length)
}
