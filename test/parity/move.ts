import type { DType, Shape } from '../../src/base/index.ts'
import { exact, integers, normal, type Operand, type ParityCase, result } from './case.ts'

function operand(shape: Shape, dtype: DType): Operand {
  return { shape, dtype, fill: dtype === 'i32' ? integers(-1e9, 1e9) : normal() }
}

/** What dtypes other than f32 are called in names. */
const note = (dtype: DType) => (dtype === 'f32' ? '' : ` ${dtype}`)

function transposeCase(shape: Shape, axes: readonly number[], dtype: DType = 'f32'): ParityCase {
  return {
    name: `transpose [${shape}] by [${axes}]${note(dtype)}`,
    kernel: 'transpose',
    inputs: [operand(shape, dtype)],
    outputs: [
      result(
        axes.map((axis) => shape[axis]),
        dtype,
      ),
    ],
    attributes: [axes],
    bound: exact,
  }
}

/** `slice` takes `part` of `whole` out, `pad` puts it in. */
function windowCase(
  kernel: 'slice' | 'pad',
  whole: Shape,
  axis: number,
  start: number,
  size: number,
  dtype: DType = 'f32',
): ParityCase {
  const part = whole.map((length, i) => (i === axis ? size : length))
  const [from, to] = kernel === 'slice' ? [whole, part] : [part, whole]
  return {
    name: `${kernel} [${from}] to [${to}] at ${start}${note(dtype)}`,
    kernel,
    inputs: [operand(from, dtype)],
    outputs: [result(to, dtype)],
    attributes: [axis, start],
    bound: exact,
  }
}

function concatCase(shape: Shape, axis: number, sizes: readonly number[], dtype: DType = 'f32'): ParityCase {
  const along = (size: number) => shape.map((length, i) => (i === axis ? size : length))
  return {
    name: `concat [${shape}] along ${axis} of ${sizes}${note(dtype)}`,
    kernel: 'concat',
    inputs: sizes.map((size) => operand(along(size), dtype)),
    outputs: [result(along(sizes.reduce((a, b) => a + b, 0)), dtype)],
    attributes: [axis],
    bound: exact,
  }
}

const windows: [Shape, number, number, number][] = [
  [[7], 0, 2, 3],
  [[7], 0, 0, 7],
  [[1000], 0, 999, 1],
  [[3, 65], 1, 17, 33],
  [[65, 3], 0, 1, 64],
  [[2, 17, 5], 1, 3, 7],
  [[2, 3, 129], 2, 128, 1],
  [[1, 2, 3, 4, 5, 6], 3, 1, 2],
  [[3, 7], 1, 4, 0],
]

const parts: [Shape, number, number[]][] = [
  [[1], 0, [1]],
  [[1], 0, [3, 1, 7]],
  [[3, 1], 1, [5, 65, 1, 129]],
  [[1, 7], 0, [2, 3]],
  [[2, 1, 17], 1, [1, 1, 1, 1, 1]],
  [[2, 3, 4, 1, 5], 3, [0, 2, 1]],
]

export const cases: ParityCase[] = [
  transposeCase([], []),
  transposeCase([7], [0]),
  transposeCase([3, 7], [1, 0]),
  transposeCase([3, 7], [0, 1]),
  transposeCase([65, 129], [1, 0]),
  transposeCase([1000, 17], [1, 0]),
  ...[
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ].map((axes) => transposeCase([5, 17, 33], axes)),
  transposeCase([2, 65, 3, 32], [0, 2, 1, 3]),
  transposeCase([2, 3, 4, 5, 6, 7], [5, 3, 1, 0, 2, 4]),
  transposeCase([1, 7, 1, 3], [3, 2, 1, 0]),
  transposeCase([0, 3], [1, 0]),
  transposeCase([33, 65], [1, 0], 'i32'),
  transposeCase([33, 65], [1, 0], 'bf16'),
  ...(['slice', 'pad'] as const).flatMap((kernel) => [
    ...windows.map(([whole, axis, start, size]) => windowCase(kernel, whole, axis, start, size)),
    windowCase(kernel, [3, 65, 3], 1, 2, 7, 'i32'),
    windowCase(kernel, [3, 65, 3], 1, 2, 7, 'bf16'),
  ]),
  ...parts.map(([shape, axis, sizes]) => concatCase(shape, axis, sizes)),
  concatCase([3, 1, 3], 1, [2, 5], 'i32'),
  concatCase([3, 1, 3], 1, [2, 5], 'bf16'),
]
