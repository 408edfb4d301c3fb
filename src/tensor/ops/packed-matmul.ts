import { isPacked, packings, ShapeError, shapeText, sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Operation, Tensor } from '../tensor.ts'

const products = signature('x: real M K, w: stored N K -> c: M N')

/** So that eight rows of x, rounded, fit where kernels put them. */
const MOST_COLUMNS = 2 ** 20

const shapes: Operation['infer'] = (inputs) => {
  const outputs = products.infer('packed-matmul', inputs)
  const { dtype, shape } = inputs[1]!
  if (!isPacked(dtype)) throw new ShapeError('packed-matmul', `w must be packed, got ${dtype} ${shapeText(shape)}`)
  if (shape[1] % packings[dtype].elements !== 0 || shape[1] === 0) {
    throw new ShapeError(
      'packed-matmul',
      `rows of ${dtype} are whole blocks of ${packings[dtype].elements}, got ${shapeText(shape)}`,
    )
  }
  if (shape[1] > MOST_COLUMNS)
    throw new ShapeError('packed-matmul', `rows may have ${MOST_COLUMNS} elements at most, got ${shapeText(shape)}`)
  return outputs
}

/** Takes bias, activation and residual from the compiler as `matmul` does, but keeps no value before the activation. */
export const packedMatmulOperation = operation({
  name: 'packed-matmul',
  attributes: ['activation'],
  shapes,
  inPlace: [[0, 3]],
  flops: ([x], [c]) => 2 * sizeOf(c.shape) * x!.shape[1],
})

/**
 * Product with a packed matrix: x·wᵀ. Where the packing holds integers, x is rounded to 8 bits in blocks of 32, products
 * are integers within a block, and blocks add up in order, so a row's result does not depend on what other rows there are.
 *
 * @param x `[M, K]`
 * @param w `[N, K]`, packed
 * @param transposed whether w is meant as its transpose, which is the only way that can be computed
 * @returns `[M, N]`
 */
export function packedProduct(x: Tensor, w: Tensor, transposed: boolean): Tensor {
  if (!transposed) {
    throw new ShapeError(
      'matmul',
      `a product must sum over the rows of a packed matrix: ${w.dtype} ${shapeText(w.shape)} needs transposeB`,
    )
  }
  return apply(packedMatmulOperation, [x, w], { activation: 0 })[0]
}
