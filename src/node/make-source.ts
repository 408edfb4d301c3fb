import { FormatError, transposed } from '../base/index.ts'
import type { StoredWeight } from '../nn/index.ts'
import { fromBytes } from '../packing/index.ts'
import type { ModelSource, SourceParts, SourceTensor } from './model-source.ts'
import { staysPlain } from './model-source.ts'

/** A {@link ModelSource} of these parts: matrices as they are stored, vectors and positions in f32. */
export function makeSource({ tensors, ...rest }: SourceParts): ModelSource {
  const { model } = rest
  const stored: Record<string, StoredWeight> = {}
  for (const [name, { dtype, transposed = false }] of tensors) {
    if (staysPlain(model, name)) continue
    if (dtype !== 'f32' || transposed) stored[name] = transposed ? { dtype, transposed } : { dtype }
  }
  return {
    ...rest,
    stored,
    bytes(name) {
      const tensor = tensors.get(name)
      if (tensor === undefined) throw new FormatError(`${rest.kind}: there is no weight ${name}`)
      return staysPlain(model, name) ? plainBytes(tensor, model.weights[name].shape) : tensor.bytes()
    },
  }
}

function plainBytes(tensor: SourceTensor, shape: readonly number[]): Uint8Array {
  const { dtype } = tensor
  if (dtype === 'f32') return tensor.bytes()
  return new Uint8Array(fromBytes(dtype, tensor.bytes(), shape.at(-1)!).buffer)
}

/** A weight in f32, in the shape that the model means. */
export function plainWeight({ model, stored, bytes }: ModelSource, name: string): Float32Array {
  const { shape } = model.weights[name]
  const { dtype = 'f32', transposed: isTransposed = false } = stored[name] ?? {}
  const columns = isTransposed ? shape[0] : shape.at(-1)!
  const values = fromBytes(dtype, bytes(name), columns)
  return isTransposed ? transposed(values, values.length / columns, columns) : values
}
