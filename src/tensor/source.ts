import { type DType, type Shape, ShapeError, shapeText, sizeOf } from '../base/index.ts'
import { operation } from './operation.ts'
import { type Source, type Tensor, write } from './tensor.ts'

const given = operation({ name: 'given', shapes: () => [], flops: () => 0 })

function source(from: Source, shape: Shape, dtype: DType): Tensor {
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0)
      throw new ShapeError(from.kind, `a size must be a whole number, got ${shapeText(shape)}`)
  }
  return write(given, [], {}, [{ shape: [...shape], dtype }], from)[0]
}

/** A value that is given anew at each run, under `name`. @example input('x', [2, 3]).shape // [2, 3] */
export function input(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
  return source({ kind: 'input', name }, shape, dtype)
}

/**
 * A value that stays in backend memory between runs, shared by programs under `name`: a weight, an optimizer's moment.
 *
 * @example
 * state('weight', [2, 3]).dtype // 'f32'
 */
export function state(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
  return source({ kind: 'state', name }, shape, dtype)
}

/**
 * Fixed numbers that are part of the program.
 *
 * @example
 * constant([1, 2, 3, 4], [2, 2]) // [[1, 2], [3, 4]]
 */
export function constant(values: ArrayLike<number>, shape: Shape, dtype: DType = 'f32'): Tensor {
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError('constant', `${shapeText(shape)} holds ${sizeOf(shape)} numbers, got ${values.length}`)
  }
  return source({ kind: 'constant', values }, shape, dtype)
}
