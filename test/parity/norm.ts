import { absent, read } from '../../src/backend/reference/index.ts'
import type { Shape } from '../../src/base/index.ts'
import { gamma, readOr, u } from './bound.ts'
import { type Bound, type Fill, f32, normal, oneIn, type ParityCase, result, values } from './case.ts'

/** What a kernel knows of a row, with the error each number may have. */
interface Row {
  readonly scale: number
  readonly normal: Float64Array
  readonly normalError: Float64Array
}

/**
 * The row brought to mean 0 (when `centered`) and variance 1. The mean is off by gamma(C)·mean|x|, deviations by that
 * and their rounding, the variance by twice that weighted with the deviations, its root by half of it.
 */
function normalize(xs: Float64Array, epsilon: number, centered: boolean): Row {
  const C = xs.length
  const mean = centered ? average(xs) : 0
  const meanError = centered ? gamma(C + 1) * average(xs.map(Math.abs)) : 0
  const deviations = xs.map((x) => x - mean)
  const variance = average(deviations.map((d) => d * d))
  const varianceError = gamma(C + 4) * variance + 2 * Math.sqrt(variance) * meanError + meanError ** 2
  const scale = 1 / Math.sqrt(variance + epsilon)
  const scaleError = varianceError / (2 * (variance + epsilon)) + 6 * u // relative; root and reciprocal, 3 ulp
  const normal = deviations.map((d) => d * scale)
  const normalError = deviations.map(
    (d, i) => scale * (meanError + u * Math.abs(d)) + Math.abs(normal[i]) * (scaleError + u),
  )
  return { scale, normal, normalError: normalError }
}

function average(xs: Float64Array): number {
  return xs.reduce((sum, x) => sum + x, 0) / xs.length
}

function forwardBound(centered: boolean): Bound {
  return ({ inputs: [x, gain, bias = absent], outputs: [y], attributes: [epsilon] }) => {
    const C = x.shape[x.shape.length - 1]
    const [xs, gains, biases, ys] = [read(x), read(gain), readOr(bias, C), read(y)]
    const error = new Float64Array(xs.length)
    for (let row = 0; row < xs.length; row += C) {
      const { normal, normalError } = normalize(xs.subarray(row, row + C), epsilon as number, centered)
      for (let c = 0; c < C; c++) {
        const product = Math.abs(normal[c] * gains[c])
        error[row + c] =
          normalError[c] * Math.abs(gains[c]) + 2 * u * product + u * (Math.abs(biases[c]) + Math.abs(ys[row + c]))
      }
    }
    return [error]
  }
}

/** dx = scale·(dn − mean dn − n·mean(dn·n)) with dn = dy·gain; every mean is a sum of C, every dgain a sum of rows. */
function backwardBound(centered: boolean): Bound {
  return ({ inputs: [x, gain, dy, residual = absent], attributes: [epsilon] }) => {
    const C = x.shape[x.shape.length - 1]
    const [xs, gains, dys, residuals] = [read(x), read(gain), read(dy), readOr(residual, x.elements.length)]
    const N = xs.length / C
    const error = new Float64Array(xs.length)
    const gainError = new Float64Array(C)
    const biasError = new Float64Array(C)
    for (let row = 0; row < xs.length; row += C) {
      const { scale, normal, normalError } = normalize(xs.subarray(row, row + C), epsilon as number, centered)
      const dn = Float64Array.from({ length: C }, (_, c) => Math.abs(dys[row + c] * gains[c]))
      const level = centered ? average(dn) : 0
      const along = average(dn.map((d, c) => d * Math.abs(normal[c])))
      const greatestError = worst(normal, normalError)
      const alongError = gamma(C + 3) * along + average(dn.map((d, c) => d * normalError[c]))
      for (let c = 0; c < C; c++) {
        const n = Math.abs(normal[c])
        const magnitude = dn[c] + level + n * along
        // 8 u of the scale and of the roundings around it; the error of the scale itself is in normalError as well
        const scaleError = n > 0 ? normalError[c] / n : 0
        error[row + c] =
          scale * (3 * u * dn[c] + gamma(C + 2) * level + n * alongError + normalError[c] * along) +
          scale * magnitude * (8 * u + Math.min(scaleError, greatestError)) +
          2 * u * Math.abs(residuals[row + c])
        gainError[c] += Math.abs(dys[row + c]) * (gamma(N + 2) * n + normalError[c])
        biasError[c] += gamma(N + 1) * Math.abs(dys[row + c])
      }
    }
    return centered ? [error, gainError, biasError] : [error, gainError]
  }
}

/** The error of a row's scale, as the greatest relative error among its elements that are not tiny. */
function worst(normal: Float64Array, normalError: Float64Array): number {
  return normal.reduce((most, n, c) => (Math.abs(n) > 0.1 ? Math.max(most, normalError[c] / Math.abs(n)) : most), 0)
}

interface Options {
  readonly bias?: boolean
  readonly residual?: boolean
  /** Which input shares memory with dx. */
  readonly inPlace?: 2 | 3
  readonly fill?: Fill
  readonly note?: string
  readonly epsilon?: number
  /** Whether the result is stored as bf16. */
  readonly narrow?: boolean
}

function forwardCase(kernel: 'layer-norm' | 'rms-norm', shape: Shape, options: Options = {}): ParityCase {
  const C = shape[shape.length - 1]
  const centered = kernel === 'layer-norm'
  return {
    name: `${kernel} [${shape}]${options.bias ? ', bias' : ''}${options.note ?? ''}`,
    kernel,
    inputs: [f32(shape, options.fill), f32([C], normal(0.5, 1)), ...(centered ? [options.bias ? f32([C]) : null] : [])],
    outputs: [result(shape, options.narrow ? 'bf16' : 'f32')],
    attributes: [options.epsilon ?? 1e-5],
    bound: forwardBound(centered),
  }
}

function backwardCase(kernel: 'layer-norm' | 'rms-norm', shape: Shape, options: Options = {}): ParityCase {
  const C = shape[shape.length - 1]
  const centered = kernel === 'layer-norm'
  const note = `${options.residual ? ', residual' : ''}${options.inPlace ? `, in place of input ${options.inPlace}` : ''}`
  return {
    name: `${kernel}-backward [${shape}]${note}${options.note ?? ''}`,
    kernel: `${kernel}-backward`,
    inputs: [f32(shape, options.fill), f32([C], normal(0.5, 1)), f32(shape), options.residual ? f32(shape) : null],
    outputs: [result(shape), result([C]), ...(centered ? [result([C])] : [])],
    attributes: [options.epsilon ?? 1e-5],
    aliases: options.inPlace ? [[0, options.inPlace]] : [],
    bound: backwardBound(centered),
  }
}

const shapes: Shape[] = [[7], [3, 1], [3, 7], [2, 3, 17], [65, 129], [1, 1, 1000], [17, 768], [1000, 3], [0, 7]]

export const cases: ParityCase[] = (['layer-norm', 'rms-norm'] as const).flatMap((kernel) => [
  ...shapes.map((shape) => forwardCase(kernel, shape)),
  ...(kernel === 'layer-norm' ? shapes.map((shape) => forwardCase(kernel, shape, { bias: true })) : []),
  forwardCase(kernel, [3, 65], { narrow: true, note: ' to bf16' }),
  forwardCase(kernel, [17, 768], { bias: kernel === 'layer-norm', narrow: true, note: ' to bf16' }),
  forwardCase(kernel, [3, 65], { fill: normal(1, 100), note: ' around 100' }),
  forwardCase(kernel, [3, 65], { fill: normal(1e15), note: ' of 1e15' }),
  forwardCase(kernel, [3, 65], { fill: values(2), note: ', constant rows' }),
  forwardCase(kernel, [3, 65], { fill: values(0), note: ' of zeros' }),
  forwardCase(kernel, [3, 65], { fill: values(1e-40, -1e-40), note: ' of denormal numbers' }),
  forwardCase(kernel, [3, 65], { epsilon: 0.1, note: ', epsilon 0.1' }),
  forwardCase(kernel, [17, 65], { fill: values(...oneIn(300, Number.NaN)), note: ', a NaN here and there' }),
  ...shapes.map((shape) => backwardCase(kernel, shape)),
  ...shapes.map((shape) => backwardCase(kernel, shape, { residual: true })),
  backwardCase(kernel, [17, 65], { inPlace: 2 }),
  backwardCase(kernel, [17, 65], { inPlace: 2, residual: true }),
  backwardCase(kernel, [17, 65], { inPlace: 3, residual: true }),
  backwardCase(kernel, [3, 65], { fill: normal(1, 100), note: ' around 100' }),
  backwardCase(kernel, [3, 65], { fill: values(0), note: ' of zeros' }),
])
