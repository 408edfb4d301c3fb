import { f64View, kernels, read } from '../../src/backend/reference/index.ts'
import type { Shape } from '../../src/base/index.ts'
import { dots, elementary, gamma, tiny, u } from './bound.ts'
import { type Bound, derived, type Fill, f32, normal, oneIn, type ParityCase, result, salted, values } from './case.ts'

/**
 * x − max is rounded before exp and grows there to its own size; C terms are summed, so the rounding of each enters the
 * total with its weight; then one division.
 */
const bound: Bound = ({ inputs: [x], outputs: [y] }) => {
  const C = x.shape[x.shape.length - 1]
  const xs = read(x)
  const weights = read(y)
  const error = new Float64Array(xs.length)
  for (let row = 0; row < xs.length; row += C) {
    const greatest = xs.subarray(row, row + C).reduce((a, b) => Math.max(a, b))
    const shift = (i: number) => (weights[i] > 0 ? u * (greatest - xs[i]) : 0)
    let totalError = 2 * elementary + gamma(C) + 3 * u
    for (let i = row; i < row + C; i++) totalError += weights[i] * shift(i)
    for (let i = row; i < row + C; i++) error[i] = weights[i] * (totalError + shift(i)) + 2 * tiny
  }
  return [error]
}

/** Σ y·dy is off by gamma(C)·Σ|y·dy|; then a difference and a product. */
const backwardBound: Bound = ({ inputs: [y, dy] }) => {
  const C = y.shape[y.shape.length - 1]
  const [ys, dys] = [read(y), read(dy)]
  const error = new Float64Array(ys.length)
  for (let row = 0; row < ys.length; row += C) {
    const [, magnitude] = dots(ys, row, dys, row, C)
    for (let i = row; i < row + C; i++) error[i] = ys[i] * (gamma(C + 3) * magnitude + 3 * u * Math.abs(dys[i]))
  }
  return [error]
}

function softmaxCase(shape: Shape, fill: Fill = normal(3), note = '', inPlace = false): ParityCase {
  return {
    name: `softmax [${shape}]${note}`,
    kernel: 'softmax',
    inputs: [f32(shape, fill)],
    outputs: [result(shape)],
    attributes: [],
    aliases: inPlace ? [[0, 0]] : [],
    bound,
  }
}

function backwardCase(shape: Shape, inPlace = false): ParityCase {
  const weights = derived(() => {
    const y = f64View(shape)
    const scores = f64View(
      shape,
      Float64Array.from(y.elements, (_, i) => 3 * Math.sin(i * i)),
    )
    kernels.get('softmax')!([scores], [y], [])
    return read(y)
  })
  return {
    name: `softmax-backward [${shape}]${inPlace ? ', in place' : ''}`,
    kernel: 'softmax-backward',
    inputs: [f32(shape, weights), f32(shape)],
    outputs: [result(shape)],
    attributes: [],
    aliases: inPlace ? [[0, 1]] : [],
    bound: backwardBound,
  }
}

const shapes: Shape[] = [[1], [7], [3, 17], [2, 3, 65], [129, 129], [1, 1, 1000], [5, 1], [17, 5000], [0, 7]]

export const cases: ParityCase[] = [
  ...shapes.map((shape) => softmaxCase(shape)),
  softmaxCase([17, 65], normal(3), ', in place', true),
  softmaxCase([3, 7], values(1e30, -1e30, 0, 1e30), ' of ±1e30'),
  softmaxCase([17, 129], salted(Number.NEGATIVE_INFINITY), ' with −∞'),
  softmaxCase([3, 65], salted(-80, -100, -1000, 20), ' far apart'),
  softmaxCase([3, 65], normal(1, 1e4), ' around 10⁴'),
  softmaxCase([2, 5], values(1e-40, -1e-40, 0), ' of denormal numbers'),
  softmaxCase([17, 65], values(...oneIn(300, Number.NaN)), ' with a NaN here and there'),
  ...shapes.map((shape) => backwardCase(shape)),
  backwardCase([17, 65], true),
]
