import { sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Tensor } from '../tensor.ts'

const softmaxOperation = operation({
  name: 'softmax',
  shapes: signature('x: … C -> y: … C'),
  inPlace: [[0, 0]],
  flops: ([x]) => 5 * sizeOf(x!.shape),
  gradient: ({ outputs: [y] }, [dy]) => apply(softmaxBackward, [y, dy!]),
})

const softmaxBackward = operation({
  name: 'softmax-backward',
  shapes: signature('y: … C, dy: … C -> dx: … C'),
  inPlace: [[0, 1]],
  flops: ([y]) => 4 * sizeOf(y!.shape),
})

/**
 * Exponentials over the last axis, normalised to sum 1; the maximum is taken off first, so no value overflows.
 *
 * @example
 * softmax(constant([5, 5], [2])) // [0.5, 0.5]
 */
export function softmax(x: Tensor): Tensor {
  return apply(softmaxOperation, [x])[0]
}
