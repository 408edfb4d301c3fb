import { normalizeAxis, ShapeError, shapeText } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import type { Operation, Tensor } from '../tensor.ts'

// Operations that move elements and compute nothing.

const free = () => 0

const isWhole = (x: number) => Number.isInteger(x) && x >= 0

function axisOf(name: string, axis: number, x: Tensor): number {
  try {
    return normalizeAxis(axis, x.rank)
  } catch (error) {
    throw new ShapeError(name, `${(error as Error).message}; x is ${shapeText(x.shape)}`)
  }
}

export const transposeOperation = operation({
  name: 'transpose',
  attributes: ['axes'],
  shapes: ([x], { axes }) => [{ shape: (axes as number[]).map((axis) => x!.shape[axis]), dtype: x!.dtype }],
  flops: free,
  gradient({ attributes }, [dy]) {
    const axes = attributes.axes as number[]
    return [
      transpose(
        dy!,
        axes.map((_, i) => axes.indexOf(i)),
      ),
    ]
  },
})

/**
 * Axes in another order: axis i of the result is axis `axes[i]` of x. Without `axes` the last two change places.
 *
 * @example
 * transpose(constant([1, 2, 3, 4], [2, 2])) // [[1, 3], [2, 4]]
 */
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  const order = (axes ?? [...x.shape.keys()].slice(0, -2).concat([-1, -2])).map((axis) => axisOf('transpose', axis, x))
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ShapeError('transpose', `axes ${shapeText(order)} must name each axis of ${shapeText(x.shape)} once`)
  }
  return apply(transposeOperation, [x], { axes: order })[0]
}

const sliceOperation = operation({
  name: 'slice',
  attributes: ['axis', 'start'],
  shapes: ([x], { axis, size }) => [
    { shape: x!.shape.map((old, i) => (i === axis ? (size as number) : old)), dtype: x!.dtype },
  ],
  flops: free,
  gradient: ({ inputs: [x], attributes: { axis, start } }, [dy]) => [
    pad(dy!, axis as number, start as number, x!.shape[axis as number]),
  ],
})

/**
 * Elements `start` (inclusive) to `end` (exclusive) along an axis.
 *
 * @example
 * slice(constant([1, 2, 3, 4], [4]), 0, 1, 3) // [2, 3]
 */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const chosen = axisOf('slice', axis, x)
  if (!(isWhole(start) && isWhole(end) && start <= end && end <= x.shape[chosen])) {
    throw new ShapeError('slice', `${start} to ${end} is not inside axis ${chosen} of ${shapeText(x.shape)}`)
  }
  return apply(sliceOperation, [x], { axis: chosen, start, size: end - start })[0]
}

/**
 * `count` equal parts along an axis.
 *
 * @example
 * split(constant([1, 2, 3, 4], [4]), 0, 2) // [[1, 2], [3, 4]]; two tensors
 */
export function split(x: Tensor, axis: number, count: number): Tensor[] {
  const chosen = axisOf('split', axis, x)
  const part = x.shape[chosen] / count
  if (!(isWhole(part) && isWhole(count)))
    throw new ShapeError('split', `axis ${chosen} of ${shapeText(x.shape)} does not divide into ${count} parts`)
  return Array.from({ length: count }, (_, i) => slice(x, chosen, i * part, (i + 1) * part))
}

export const padOperation = operation({
  name: 'pad',
  attributes: ['axis', 'start'],
  shapes: ([x], { axis, size }) => [
    { shape: x!.shape.map((old, i) => (i === axis ? (size as number) : old)), dtype: x!.dtype },
  ],
  flops: free,
  gradient: ({ inputs: [x], attributes: { axis, start } }, [dy]) => [
    slice(dy!, axis as number, start as number, (start as number) + x!.shape[axis as number]),
  ],
})

/**
 * Zeros of `size` along an axis, with x placed at `start`: what {@link slice} took out, put back.
 *
 * @example
 * pad(constant([1, 2], [2]), 0, 1, 4) // [0, 1, 2, 0]
 */
export function pad(x: Tensor, axis: number, start: number, size: number): Tensor {
  const chosen = axisOf('pad', axis, x)
  if (!(isWhole(start) && isWhole(size) && start + x.shape[chosen] <= size)) {
    throw new ShapeError('pad', `axis ${chosen} of ${shapeText(x.shape)} does not fit at ${start} into ${size}`)
  }
  return apply(padOperation, [x], { axis: chosen, start, size })[0]
}

const concatShapes: Operation['infer'] = (inputs, { axis }) => {
  const first = inputs[0]!
  let total = 0
  for (const spec of inputs) {
    if (
      spec!.shape.length !== first.shape.length ||
      spec!.shape.some((size, i) => i !== axis && size !== first.shape[i])
    ) {
      throw new ShapeError('concat', `${inputs.map((x) => shapeText(x!.shape)).join(', ')} differ outside axis ${axis}`)
    }
    if (spec!.dtype !== first.dtype) {
      throw new ShapeError('concat', `dtypes must be equal, got ${inputs.map((x) => x!.dtype).join(', ')}`)
    }
    total += spec!.shape[axis as number]
  }
  return [{ shape: first.shape.map((size, i) => (i === axis ? total : size)), dtype: first.dtype }]
}

export const concatOperation = operation({
  name: 'concat',
  attributes: ['axis'],
  shapes: concatShapes,
  flops: free,
  gradient({ inputs, attributes }, [dy]) {
    const axis = attributes.axis as number
    let start = 0
    return inputs.map((x) => slice(dy!, axis, start, (start += x!.shape[axis])))
  },
})

/**
 * The tensors one after another along an axis; their other sizes must be equal.
 *
 * @example
 * concat([constant([1, 2], [2]), constant([3], [1])], 0) // [1, 2, 3]
 */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 0) throw new ShapeError('concat', 'at least one tensor is needed')
  return tensors.length === 1
    ? tensors[0]
    : apply(concatOperation, tensors, { axis: axisOf('concat', axis, tensors[0]) })[0]
}
