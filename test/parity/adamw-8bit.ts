import {
  decodeFirst,
  decodeSecond,
  encodeFirst,
  encodeSecond,
  firstMoment,
  scaleOf,
  secondMoment,
} from '../../src/backend/reference/adamw-8bit.ts'
import { read } from '../../src/backend/reference/index.ts'
import { type Shape, sizeOf } from '../../src/base/index.ts'
import { stepErrors } from './adamw.ts'
import { tiny, u } from './bound.ts'
import {
  type Bound,
  type Fill,
  f32,
  integers,
  normal,
  type ParityCase,
  result,
  salted,
  uniform,
  values,
} from './case.ts'

const BLOCK = 256

/**
 * Weights: the bound of `adamw`, with m = code·scale off by u and v, its square, by 3·u. A scale is off by what the block's
 * greatest moment is, and by a division. A code is that of |m|/scale, which may be off by the errors of both: only where a
 * border between two codes lies that near may it be the other one.
 */
const bound: Bound = ({ inputs, attributes }) => {
  const [weights, mCodes, mScales, vCodes, vScales, gradients, control] = inputs.map(read)
  const ms = mCodes.map((code, i) => decodeFirst(code) * mScales[Math.floor(i / BLOCK)])
  const vs = vCodes.map((code, i) => (decodeSecond(code) * vScales[Math.floor(i / BLOCK)]) ** 2)
  const step = { weights, ms, vs, gradients, control, attributes: attributes as number[] }
  const { m, v, wError, mError, vError } = stepErrors(step, 3)
  const roots = v.map(Math.sqrt)
  const rootError = v.map((value, i) => Math.sqrt(value + vError[i]) - roots[i] + u * roots[i])
  const first = stored(m, mError, (block) => scaleOf(block, firstMoment), encodeFirst)
  const second = stored(
    roots,
    rootError,
    (block) => scaleOf(block, secondMoment),
    (root) => encodeSecond(Math.max(0, root)),
  )
  return [wError, first.codes, first.scales, second.codes, second.scales]
}

function stored(
  numbers: Float64Array,
  errors: Float64Array,
  scaleOfBlock: (block: Float64Array) => number,
  encode: (value: number) => number,
): { codes: Float64Array; scales: Float64Array } {
  const codes = new Float64Array(numbers.length)
  const scales = new Float64Array(Math.ceil(numbers.length / BLOCK))
  for (let block = 0; block < scales.length; block++) {
    const [from, to] = [block * BLOCK, Math.min(numbers.length, (block + 1) * BLOCK)]
    const scale = scaleOfBlock(numbers.subarray(from, to))
    // The greatest number is off by no more than the worst error of those that might be it.
    let greatest = 0
    for (let i = from; i < to; i++) greatest = Math.max(greatest, Math.abs(numbers[i]))
    for (let i = from; i < to; i++)
      if (Math.abs(numbers[i]) + 2 * errors[i] >= greatest) scales[block] = Math.max(scales[block], errors[i])
    const relative = greatest > 0 ? scales[block] / greatest + 3 * u : 0
    scales[block] = scale * relative + tiny
    if (scale === 0) continue
    for (let i = from; i < to; i++) {
      const error = errors[i] / scale + (Math.abs(numbers[i]) / scale) * (relative + 2 * u)
      codes[i] = Math.abs(encode((numbers[i] + error * scale) / scale) - encode((numbers[i] - error * scale) / scale))
    }
  }
  return { codes, scales }
}

interface Options {
  readonly inPlace?: boolean
  readonly step?: number
  readonly gradientScale?: number
  readonly gradient?: Fill
  readonly fresh?: boolean
  readonly rate?: number
}

function adamw8bitCase(shape: Shape, options: Options = {}): ParityCase {
  const { inPlace = false, step = 10, gradientScale = 1, fresh = false, rate = 1, gradient = normal(0.1) } = options
  const [beta1, beta2] = [0.9, 0.95]
  const control = values(3e-4, 1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step), gradientScale)
  const scales = [Math.ceil(sizeOf(shape) / BLOCK)]
  const codes = (fill: Fill) => ({ shape, dtype: 'u8', fill: fresh ? values(0) : fill }) as const
  return {
    name: `adamw-8bit [${shape}] ${JSON.stringify({ ...options, gradient: options.gradient && 'salted' })}`,
    kernel: 'adamw-8bit',
    inputs: [
      f32(shape),
      codes(integers(0, 256)),
      f32(scales, fresh ? values(0) : uniform(0.01, 0.1)),
      codes(integers(0, 256)),
      f32(scales, fresh ? values(0) : uniform(0.01, 0.1)),
      f32(shape, gradient),
      f32([4], control),
    ],
    outputs: [result(shape), result(shape, 'u8'), result(scales), result(shape, 'u8'), result(scales)],
    attributes: [beta1, beta2, 1e-8, 0.1, rate],
    aliases: inPlace ? [0, 1, 2, 3, 4].map((i): [number, number] => [i, i]) : [],
    bound,
  }
}

export const cases: ParityCase[] = [
  ...[[], [1], [7], [3, 65], [256], [2, 17, 129], [100_003], [0]].flatMap((shape) => [
    adamw8bitCase(shape),
    adamw8bitCase(shape, { inPlace: true, step: 1, gradientScale: 0.25 }),
  ]),
  adamw8bitCase([1029], { rate: 0.3 }),
  adamw8bitCase([1029], { fresh: true, step: 1 }),
  adamw8bitCase([1029], { fresh: true, step: 1, gradient: salted(0, 1e-30, 1e15, -1e15, 1e-8) }),
  adamw8bitCase([1029], { gradient: salted(0, 1e-3, 1e3, -1e-6) }),
  adamw8bitCase([1029], { fresh: true, step: 1, gradient: values(0), inPlace: true }),
  adamw8bitCase([300], { fresh: true, step: 1, gradient: values(1e-12, -1e-35) }),
]
