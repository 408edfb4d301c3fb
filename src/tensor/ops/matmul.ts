import { isPacked, type Shape, ShapeError, sameShape, shapeText, sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import type { Operation, Spec, Tensor } from '../tensor.ts'
import { transpose, transposeOperation } from './movement.ts'
import { packedProduct } from './packed-matmul.ts'
import { reshape } from './reshape.ts'

/** Activations that a product can apply to its result, in the order of the kernel's attribute. */
export const activations = ['none', 'relu', 'gelu', 'silu'] as const

const shapes: Operation['infer'] = ([a, b], { transposeA, transposeB }) => {
  checkFloat('a', a!)
  checkFloat('b', b!)
  const [aRows, aColumns] = lastTwo('a', a!.shape, transposeA === 1)
  const [bRows, bColumns] = lastTwo('b', b!.shape, transposeB === 1)
  if (aColumns !== bRows) {
    throw new ShapeError(
      'matmul',
      `K is ${aColumns} in a ${shapeText(a!.shape)}${transposeA ? 'ᵀ' : ''} but ${bRows} in b ${shapeText(b!.shape)}${transposeB ? 'ᵀ' : ''}`,
    )
  }
  const batch = a!.shape.slice(0, -2)
  if (!sameShape(batch, b!.shape.slice(0, -2))) {
    throw new ShapeError('matmul', `leading axes of a ${shapeText(a!.shape)} and b ${shapeText(b!.shape)} differ`)
  }
  return [{ shape: [...batch, aRows, bColumns], dtype: 'f32' }]
}

function checkFloat(name: string, { dtype, shape }: Spec): void {
  if (dtype !== 'f32' && dtype !== 'bf16' && dtype !== 'f16')
    throw new ShapeError('matmul', `${name} must be f32, bf16 or f16, got ${dtype} ${shapeText(shape)}`)
}

function lastTwo(name: string, shape: Shape, transposed: boolean): [number, number] {
  if (shape.length < 2) throw new ShapeError('matmul', `${name} must have at least two axes, got ${shapeText(shape)}`)
  const [rows, columns] = shape.slice(-2)
  return transposed ? [columns, rows] : [rows, columns]
}

/**
 * The compiler may give it more inputs (bias, residual), an activation and a second output (the value before the
 * activation): what follows a product and touches each of its elements once is done while the tile is in registers.
 */
export const matmulOperation = operation({
  name: 'matmul',
  attributes: ['transposeA', 'transposeB', 'activation', 'precision'],
  shapes,
  inPlace: [[0, 3]],
  flops: ([a], [c], { transposeA }) => 2 * sizeOf(c.shape) * a!.shape[a!.shape.length - (transposeA === 1 ? 2 : 1)],
  gradient({ inputs: [a, b], attributes: { transposeA, transposeB } }, [dc]) {
    const ta = transposeA === 1
    const tb = transposeB === 1
    // c = op(a)·op(b): d op(a) = dc·op(b)ᵀ and d op(b) = op(a)ᵀ·dc, each written in the operand's own layout.
    const da = ta ? product(b!, dc!, tb, true) : product(dc!, b!, false, !tb)
    const db = tb ? product(dc!, a!, true, ta) : product(a!, dc!, !ta, false)
    return [da, db]
  },
})

function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return apply(matmulOperation, [a, b], {
    transposeA: transposeA ? 1 : 0,
    transposeB: transposeB ? 1 : 0,
    activation: 0,
    precision: 0,
  })[0]
}

export interface MatmulOptions {
  /** a is stored `[…, K, M]`. */
  readonly transposeA?: boolean
  /** b is stored `[…, N, K]`. */
  readonly transposeB?: boolean
}

/**
 * Matrix product over the last two axes. A `b` of two axes serves every leading axis of a; it may be packed where its rows
 * are what the product sums over: `[N, K]` with transposeB, or a transpose of that.
 *
 * @param a `[…, M, K]`
 * @param b `[K, N]`, or `[…, K, N]` with the leading axes of a
 * @returns `[…, M, N]`, accumulated in f32
 * @throws ShapeError when K or the leading axes disagree
 * Cost: 2·M·N·K FLOPs a batch.
 *
 * @example
 * matmul(constant([1, 2], [1, 2]), constant([3, 4], [2, 1])) // [[11]]
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
  // What is transposed and multiplied is read the other way round, not moved.
  if (b.rank === 2 && b.node.operation === transposeOperation && (b.node.attributes.axes as readonly number[])[0] === 1)
    return matmul(a, b.node.inputs[0]!, { transposeA, transposeB: !transposeB })
  if (b.rank === 2 && (a.rank > 2 || isPacked(b.dtype))) {
    const upright = transposeA ? transpose(a) : a // […, M, K]
    const rows = reshape(upright, [-1, upright.shape[a.rank - 1]]) // [N, K]
    const c = isPacked(b.dtype) ? packedProduct(rows, b, transposeB) : product(rows, b, false, transposeB)
    return reshape(c, [...upright.shape.slice(0, -1), c.shape[1]])
  }
  return product(a, b, transposeA, transposeB)
}
