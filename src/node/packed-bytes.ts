import { ConfigError, type DType, isPacked, packings, toBf16Bits, transposed } from '../base/index.ts'
import { packRows } from '../packing/index.ts'
import { plainWeight } from './make-source.ts'
import type { ModelSource } from './model-source.ts'

/** Whether rows of so many elements can be packed in this dtype. */
export function fits(dtype: DType, columns: number): boolean {
  return !isPacked(dtype) || columns % packings[dtype].elements === 0
}

/**
 * A source's matrix in another dtype, and the other way round if asked: bytes in file layout. What is so already is passed on
 * as it is.
 *
 * @param options.transposed whether the bytes are to be those of the transpose of what the model means
 */
export function weightBytes(
  source: ModelSource,
  name: string,
  dtype: DType,
  { transposed: turns = false } = {},
): Uint8Array {
  const { dtype: from = 'f32', transposed: isTransposed = false } = source.stored[name] ?? {}
  if (from === dtype && isTransposed === turns) return source.bytes(name)
  const { shape } = source.model.weights[name]
  const values = plainWeight(source, name)
  return turns
    ? bytesIn(dtype, transposed(values, shape[0], shape[1]), shape[0])
    : bytesIn(dtype, values, shape.at(-1)!)
}

/** Numbers as the bytes of a dtype, rows one after another. */
export function bytesIn(dtype: DType, values: Float32Array, columns: number): Uint8Array {
  if (isPacked(dtype)) return packRows(dtype, values, columns)
  const elements = plainElements(dtype, values)
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)
}

function plainElements(dtype: DType, values: Float32Array): Float32Array | Float16Array | Uint16Array {
  if (dtype === 'f32') return values
  if (dtype === 'f16') return new Float16Array(values)
  if (dtype === 'bf16') {
    const rounded = new Uint16Array(values.length)
    for (let i = 0; i < values.length; i++) rounded[i] = toBf16Bits(values[i])
    return rounded
  }
  throw new ConfigError(`weights cannot be written as ${dtype}`)
}
