import { normalizeAxis, type Shape, ShapeError, sameShape, shapeText, sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Operation, Spec, Tensor } from '../tensor.ts'
import { broadcastTo, convert, divide, equal, multiply, sqrt } from './elementwise.ts'
import { concat } from './movement.ts'
import { reshape } from './reshape.ts'

const inputSize = (inputs: readonly (Spec | null)[]) => sizeOf(inputs[0]!.shape)

// The kernel reads the axes off the shapes: an axis that became 1 was reduced.
const keep: Operation['infer'] = ([x], { axes }) => [
  { shape: x!.shape.map((axis, i) => ((axes as number[]).includes(i) ? 1 : axis)), dtype: 'f32' },
]

const sumOperation = operation({
  name: 'sum',
  shapes: keep,
  flops: inputSize,
  gradient: ({ inputs: [x] }, [dy]) => [broadcastTo(dy!, x!.shape)],
})

const maxOperation = operation({
  name: 'max',
  shapes: keep,
  flops: inputSize,
  // Elements that share the maximum share its gradient.
  gradient({ inputs: [x], outputs: [y], attributes: { axes } }, [dy]) {
    const winners = equal(x!, y)
    return [multiply(winners, divide(dy!, sum(winners, axes as number[], { keepAxes: true })))]
  },
})

export interface ReduceOptions {
  /** Reduced axes stay, with size 1. */
  readonly keepAxes?: boolean
}

function reduce(
  of: Operation,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  { keepAxes = false }: ReduceOptions,
): Tensor {
  const list = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : [...axes]
  let chosen: number[]
  try {
    chosen = list.map((axis) => normalizeAxis(axis, x.rank))
  } catch (error) {
    throw new ShapeError(of.name, `${(error as Error).message}; x is ${shapeText(x.shape)}`)
  }
  const kept = chosen.length === 0 ? convert(x, 'f32') : apply(of, [convert(x, 'f32')], { axes: chosen })[0]
  return keepAxes
    ? kept
    : reshape(
        kept,
        x.shape.filter((_, i) => !chosen.includes(i)),
      )
}

/**
 * Sum over axes (all when not given). Cost: one addition an element.
 *
 * @example
 * sum(constant([1, 2, 3, 4], [2, 2]), -1) // [3, 7]
 */
export function sum(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(sumOperation, x, axes, options)
}

/** Mean over axes (all when not given). @example mean(constant([1, 2, 3, 4], [2, 2]), 0) // [2, 3] */
export function mean(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  const total = sum(x, axes, options)
  return multiply(total, sizeOf(total.shape) / sizeOf(x.shape))
}

/** Maximum over axes (all when not given). @example max(constant([1, 2, 3, 4], [2, 2])) // 4 */
export function max(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(maxOperation, x, axes, options)
}

const sumSquaresOperation = operation({
  name: 'sum-squares',
  shapes: () => [{ shape: [], dtype: 'f32' }],
  flops: (inputs) => 2 * inputSize(inputs),
  gradient: ({ inputs: [x] }, [dy]) => [multiply(multiply(x!, 2), dy!)],
})

/**
 * Σ x² over all elements, in one pass. The result is a scalar `[]`.
 *
 * @example
 * sumSquares(constant([3, 4], [2])) // 25
 */
export function sumSquares(x: Tensor): Tensor {
  return apply(sumSquaresOperation, [convert(x, 'f32')])[0]
}

/** √(Σ x²) over all the given tensors together. @example globalNorm([constant([3], [1]), constant([4], [1])]) // 5 */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  const squares = tensors.map((x) => reshape(sumSquares(x), [1]))
  return sqrt(sum(concat(squares, 0)))
}

const argmaxOperation = operation({
  name: 'argmax',
  shapes: signature('x: … C -> y: i32 …'),
  flops: inputSize,
})

/**
 * Index of the first greatest element along the last axis, i32; no gradient.
 *
 * @example
 * argmax(constant([1, 3, 3], [3])) // 1
 */
export function argmax(x: Tensor): Tensor {
  return apply(argmaxOperation, [x])[0]
}

/**
 * Sums what broadcasting repeated: the inverse of broadcasting `shape` to x's shape.
 *
 * @example
 * sumTo(ones([3, 2]), [2]) // [3, 3]
 */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const extra = x.rank - shape.length
  const axes = x.shape.map((_, i) => i).filter((i) => i < extra || (shape[i - extra] === 1 && x.shape[i] !== 1))
  return reshape(sum(x, axes, { keepAxes: true }), shape)
}
