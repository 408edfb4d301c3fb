import { ConfigError, type DType, isPacked, toBf16Bits } from '../base/index.ts'
import { packRows, unpackRows } from './rows.ts'

/**
 * Numbers as the bytes of a dtype, as files hold them: a packed one by {@link packRows}, others rounded one by one.
 *
 * @param values `[N, K]`
 * @param columns K
 * @throws ConfigError for whole numbers, which no weight is; what `packRows` throws
 *
 * @example
 * toBytes('f16', Float32Array.of(1, -2), 2) // [0, 0x3c, 0, 0xc0]
 */
export function toBytes(dtype: DType, values: Float32Array, columns: number): Uint8Array {
  if (isPacked(dtype)) return packRows(dtype, values, columns)
  const { buffer, byteOffset, byteLength } = rounded(dtype, values)
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function rounded(dtype: DType, values: Float32Array): Float32Array | Float16Array | Uint16Array {
  if (dtype === 'f32') return values
  if (dtype === 'f16') return new Float16Array(values)
  if (dtype !== 'bf16') throw new ConfigError(`toBytes: weights cannot be written as ${dtype}`)
  const upper = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) upper[i] = toBf16Bits(values[i])
  return upper
}

/**
 * The numbers that such bytes stand for. Every f16 and bf16 is an f32 too, so nothing is rounded there.
 *
 * @param columns K
 * @returns `[N, K]`, of memory of its own
 * @throws ConfigError for whole numbers; what `unpackRows` throws
 *
 * @example
 * fromBytes('f16', Uint8Array.of(0, 0x3c, 0, 0xc0), 2) // [1, -2]
 * fromBytes('bf16', Uint8Array.of(0x80, 0x3f), 1) // [1]
 */
export function fromBytes(dtype: DType, bytes: Uint8Array, columns: number): Float32Array {
  if (isPacked(dtype)) return unpackRows(dtype, bytes, columns)
  const { buffer } = new Uint8Array(bytes) // a copy, aligned
  if (dtype === 'f32') return new Float32Array(buffer)
  if (dtype === 'f16') return new Float32Array(new Float16Array(buffer))
  if (dtype !== 'bf16') throw new ConfigError(`fromBytes: no weight is stored as ${dtype}`)
  const upper = new Uint16Array(buffer)
  const whole = new Uint32Array(upper.length)
  for (let i = 0; i < upper.length; i++) whole[i] = upper[i] << 16
  return new Float32Array(whole.buffer)
}
