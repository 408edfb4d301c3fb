import { sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Operation, Tensor } from '../tensor.ts'
import { zeros } from './elementwise.ts'

const gatherOperation = operation({
  name: 'gather',
  shapes: signature('table: stored V C, ids: i32 … -> y: … C'),
  flops: () => 0,
  gradient: ({ inputs: [table, ids] }, [dy]) => [scatterAdd(zeros(table!.shape), ids!, dy!), undefined],
})

/**
 * Rows of a table: an embedding. An id outside the table gives a row of zeros.
 *
 * @param table `[V, C]`
 * @param ids `[…]` i32
 * @returns `[…, C]`
 *
 * @example
 * gather(constant([1, 2, 3, 4], [2, 2]), constant([1, 0, 1], [3], 'i32')) // [[3, 4], [1, 2], [3, 4]]
 */
export function gather(table: Tensor, ids: Tensor): Tensor {
  return apply(gatherOperation, [table, ids])[0]
}

export const scatterAddOperation = operation({
  name: 'scatter-add',
  shapes: signature('base: V C, ids: i32 …, updates: … C -> y: V C'),
  inPlace: [[0, 0]],
  flops: ([, , updates]) => sizeOf(updates!.shape),
  gradient: ({ inputs: [, ids] }, [dy]) => [dy, undefined, gather(dy!, ids!)],
})

/**
 * A table with each update added to the row of its id, in order of position; ids outside the table are skipped.
 *
 * @param base `[V, C]`
 * @param ids `[…]` i32
 * @param updates `[…, C]`
 * @returns `[V, C]`
 *
 * @example
 * scatterAdd(zeros([2, 1]), constant([1, 1], [2], 'i32'), constant([3, 4], [2, 1])) // [[0], [7]]
 */
export function scatterAdd(base: Tensor, ids: Tensor, updates: Tensor): Tensor {
  return apply(scatterAddOperation, [base, ids, updates])[0]
}

const pickOperation = operation({
  name: 'pick',
  shapes: signature('x: … C, ids: i32 … -> y: …'),
  flops: () => 0,
  gradient: ({ inputs: [x, ids] }, [dy]) => [
    apply(pickBackward, [ids!, dy!], { size: x!.shape[x!.rank - 1] })[0],
    undefined,
  ],
})

const pickBackwardShapes: Operation['infer'] = ([ids], { size }) => [
  { shape: [...ids!.shape, size as number], dtype: 'f32' },
]

const pickBackward = operation({ name: 'pick-backward', shapes: pickBackwardShapes, flops: () => 0 })

/**
 * One element of each row: x[…, ids[…]]; an id outside the row gives 0.
 *
 * @param x `[…, C]`
 * @param ids `[…]` i32
 * @returns `[…]`
 *
 * @example
 * pick(constant([1, 2, 3, 4], [2, 2]), constant([1, 0], [2], 'i32')) // [2, 3]
 */
export function pick(x: Tensor, ids: Tensor): Tensor {
  return apply(pickOperation, [x, ids])[0]
}
