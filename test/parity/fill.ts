import type { DType, Shape } from '../../src/base/index.ts'
import { exact, type ParityCase, result } from './case.ts'

function fillCase(shape: Shape, value: number, dtype: DType = 'f32'): ParityCase {
  return {
    name: `fill ${dtype} [${shape}] with ${value}`,
    kernel: 'fill',
    inputs: [],
    outputs: [result(shape, dtype)],
    attributes: [value],
    bound: exact,
  }
}

export const cases: ParityCase[] = [
  fillCase([], 1),
  fillCase([1000], 0.1),
  fillCase([3, 1, 65], -1e30),
  fillCase([129], Number.NEGATIVE_INFINITY),
  fillCase([100_003], 0),
  fillCase([0, 3], 1),
  fillCase([65], 0.1, 'bf16'),
  fillCase([65], -7, 'i32'),
  fillCase([65], 200, 'u8'),
]
