import { ShapeError } from '../base/index.ts'
import type { Operation } from '../tensor/index.ts'

/** The operation that chains of element-by-element steps become; only the compiler makes it. */
export const elementwiseOperation: Operation = {
  name: 'elementwise',
  attributes: ['code', 'results'],
  infer: () => {
    throw new ShapeError('elementwise', 'is made by the compiler and has no shape rule of its own')
  },
  flops: () => 0,
  inPlace: [],
}
