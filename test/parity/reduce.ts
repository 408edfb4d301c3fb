import { f64View, kernels, read } from '../../src/backend/reference/index.ts'
import type { Shape } from '../../src/base/index.ts'
import { gamma } from './bound.ts'
import {
  type Bound,
  exact,
  type Fill,
  f32,
  integers,
  normal,
  oneIn,
  type ParityCase,
  result,
  salted,
  uniform,
  values,
} from './case.ts'

/** A sum of n numbers is off by gamma(n)·Σ|x|, in any order. */
const sumBound: Bound = ({ inputs: [x], outputs: [y] }) => {
  const magnitude = f64View(y.shape)
  kernels.get('sum')!([f64View(x.shape, read(x).map(Math.abs))], [magnitude], [])
  const terms = x.elements.length / Math.max(1, y.elements.length)
  return [read(magnitude).map((m) => gamma(terms) * m)]
}

/** Squares are positive: the error is relative. */
const squaresBound: Bound = ({ inputs: [x], outputs: [y] }) => [
  read(y).map((total) => gamma(x.elements.length + 1) * total),
]

function reduceCase(kernel: 'sum' | 'max', from: Shape, to: Shape, fill: Fill = normal(), note = ''): ParityCase {
  return {
    name: `${kernel} [${from}] to [${to}]${note}`,
    kernel,
    inputs: [f32(from, fill)],
    outputs: [result(to)],
    attributes: [],
    bound: kernel === 'max' ? exact : sumBound,
  }
}

const shapes: [Shape, Shape][] = [
  [[], []],
  [[1], [1]],
  [[7], [1]],
  [[1000], [1]],
  [[100_003], [1]],
  [
    [3, 7],
    [3, 1],
  ],
  [
    [3, 7],
    [1, 7],
  ],
  [
    [3, 7],
    [1, 1],
  ],
  [
    [3, 7],
    [3, 7],
  ],
  [
    [1000, 17],
    [1, 17],
  ],
  [
    [17, 1000],
    [17, 1],
  ],
  [
    [2, 65, 129],
    [1, 1, 129],
  ],
  [
    [2, 65, 129],
    [2, 65, 1],
  ],
  [
    [2, 65, 129],
    [2, 1, 129],
  ],
  [
    [2, 65, 129],
    [1, 65, 1],
  ],
  [
    [2, 3, 5, 7],
    [2, 1, 5, 1],
  ],
  [
    [2, 3, 5, 7],
    [1, 3, 1, 7],
  ],
  [
    [1, 2, 3, 4, 5, 6],
    [1, 1, 3, 1, 5, 1],
  ],
  [
    [2000, 3],
    [1, 3],
  ],
  [
    [1, 1, 129],
    [1, 1, 1],
  ],
]

function squares(shape: Shape, fill: Fill = normal(), note = ''): ParityCase {
  return {
    name: `sum-squares [${shape}]${note}`,
    kernel: 'sum-squares',
    inputs: [f32(shape, fill)],
    outputs: [result([])],
    attributes: [],
    bound: squaresBound,
  }
}

function argmaxCase(shape: Shape, fill: Fill = normal(), note = ''): ParityCase {
  return {
    name: `argmax [${shape}]${note}`,
    kernel: 'argmax',
    inputs: [f32(shape, fill)],
    outputs: [result(shape.slice(0, -1), 'i32')],
    attributes: [],
    bound: exact,
  }
}

export const cases: ParityCase[] = [
  ...(['sum', 'max'] as const).flatMap((kernel) => shapes.map(([from, to]) => reduceCase(kernel, from, to))),
  reduceCase('sum', [65, 129], [1, 129], uniform(0, 1), ', all positive'),
  { ...reduceCase('sum', [3, 1000], [3, 1], values(1e30, -1e30, 1, 1e-40), ', cancelling'), hopeless: true },
  reduceCase('sum', [0, 5], [1, 5], normal(), ', nothing to add'),
  reduceCase('sum', [5, 0], [5, 1], normal(), ', nothing to add'),
  reduceCase('sum', [0, 5], [0, 1], normal(), ', nothing to do'),
  reduceCase('sum', [17, 65], [17, 1], values(...oneIn(300, Number.NaN)), ', a NaN here and there'),
  reduceCase('sum', [65, 17], [1, 17], values(...oneIn(300, Number.POSITIVE_INFINITY)), ', an ∞ here and there'),
  reduceCase('max', [17, 65], [17, 1], salted(Number.NEGATIVE_INFINITY, -1e30), ' with −∞'),
  reduceCase('max', [3, 7], [3, 1], values(Number.NEGATIVE_INFINITY), ' of −∞ alone'),
  reduceCase('max', [3, 65], [1, 65], uniform(-9, -1), ', all negative'),
  ...[[], [1], [7], [129], [3, 7, 65], [100_003], [0]].map((shape) => squares(shape)),
  squares([1000], salted(1e18, -1e-30, 1e-40), ' far out'),
  ...[[1], [3], [7, 65], [2, 3, 129], [17, 1000], [1, 1, 1], [5, 1], [0, 7]].map((shape) => argmaxCase(shape)),
  argmaxCase([33, 129], integers(0, 4), ', first of many equal'),
  argmaxCase([3, 65], values(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e30), ' with −∞'),
  argmaxCase([2, 5], values(Number.NEGATIVE_INFINITY), ' of −∞ alone'),
]
