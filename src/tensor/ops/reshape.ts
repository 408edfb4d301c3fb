import { type Shape, ShapeError, shapeText, sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import type { Tensor } from '../tensor.ts'

const reshapeOperation = operation({
  name: 'reshape',
  view: true,
  shapes: ([x], { shape }) => [{ shape: shape as Shape, dtype: x!.dtype }],
  flops: () => 0,
  gradient: ({ inputs: [x] }, [dy]) => [reshape(dy!, x!.shape)],
})

/**
 * The same elements in the same order under another shape; at most one size may be −1 and is worked out.
 * Costs nothing: the result is a view.
 *
 * @example
 * reshape(constant([1, 2, 3, 4], [4]), [2, -1]) // [[1, 2], [3, 4]]
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((size, axis) => (axis === -1 ? size : size * axis), 1)
  const total = sizeOf(x.shape)
  const full = shape.map((axis) => (axis === -1 ? total / known : axis))
  if (
    shape.filter((axis) => axis === -1).length > 1 ||
    !full.every((axis) => Number.isInteger(axis) && axis >= 0) ||
    sizeOf(full) !== total
  ) {
    throw new ShapeError('reshape', `${shapeText(x.shape)} has ${total} elements and cannot become ${shapeText(shape)}`)
  }
  return x.rank === full.length && x.shape.every((axis, i) => axis === full[i])
    ? x
    : apply(reshapeOperation, [x], { shape: full })[0]
}
