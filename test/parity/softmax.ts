import { f64View, kernels, read } from '../../src/backend/reference/index.ts'
import type { Shape } from '../../src/base/index.ts'
import { elementary, gamma, tiny, u } from './bound.ts'
import { type Bound, derived, type Fill, f32, normal, type ParityCase, result, salted, values } from './case.ts'

/** x − max is rounded before exp (and grows there to its own size), C terms are summed, then one division. */
const bound: Bound = ({ inputs: [x], outputs: [y] }) => {
  const C = x.shape[x.shape.length - 1] ?? 1
  const xs = read(x)
  return [
    read(y).map((weight, i) => {
      const row = xs.subarray(i - (i % C), i - (i % C) + C)
      const greatest = row.reduce((a, b) => Math.max(a, b))
      const distance = weight > 0 ? greatest - xs[i] : 0
      return weight * (2 * elementary + gamma(C) + 3 * u + u * distance + rowShift(row, greatest)) + 2 * tiny
    }),
  ]
}

/** The rounding of x − max, weighted as it enters the sum. */
function rowShift(row: Float64Array, greatest: number): number {
  let total = 0
  let moved = 0
  for (const x of row) {
    const term = Math.exp(x - greatest)
    total += term
    if (term > 0) moved += term * u * (greatest - x)
  }
  return moved / total
}

/** Σ y·dy is off by gamma(C)·Σ|y·dy|; then a difference and a product. */
const backwardBound: Bound = ({ inputs: [y, dy] }) => {
  const C = y.shape[y.shape.length - 1]
  const [ys, dys] = [read(y), read(dy)]
  return [
    ys.map((weight, i) => {
      let magnitude = 0
      for (let j = i - (i % C); j < i - (i % C) + C; j++) magnitude += Math.abs(ys[j] * dys[j])
      return Math.abs(weight) * (gamma(C + 3) * magnitude + 3 * u * Math.abs(dys[i]))
    }),
  ]
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
  ...shapes.map((shape) => backwardCase(shape)),
  backwardCase([17, 65], true),
]
