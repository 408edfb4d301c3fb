import { type DType, isPacked, packings, transposed } from '../base/index.ts'
import { toBytes } from '../packing/index.ts'
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
    ? toBytes(dtype, transposed(values, shape[0], shape[1]), shape[0])
    : toBytes(dtype, values, shape.at(-1)!)
}
