import { read } from '../../src/backend/reference/index.ts'
import type { Shape } from '../../src/base/index.ts'
import { tiny, u } from './bound.ts'
import { type Bound, type Fill, f32, normal, type ParityCase, result, salted, uniform, values } from './case.ts'

/** What a step reads: all of one length, but the four numbers of control. */
export interface StepInputs {
  readonly weights: Float64Array
  readonly ms: Float64Array
  readonly vs: Float64Array
  readonly gradients: Float64Array
  readonly control: Float64Array
  readonly attributes: readonly number[]
}

/**
 * Errors of the weights, m and v after a step. Every number is a product or a sum of two, so errors are a few u of the terms.
 * 1 − β is taken in f64: its error is one u, not u/(1 − β). The square root of a v that may be off by `tiny` can be off by
 * the root of it. Moments that are computed rather than read bring `before` u of their own.
 */
export function stepErrors({ weights, ms, vs, gradients, control, attributes }: StepInputs, before = 0) {
  const [beta1, beta2, epsilon, weightDecay, factor] = attributes
  const [rate, correction1, correction2, gradientScale] = control
  const scaled = gradients.map((g) => g * gradientScale)
  const m = ms.map((old, i) => beta1 * old + (1 - beta1) * scaled[i])
  const v = vs.map((old, i) => beta2 * old + (1 - beta2) * scaled[i] ** 2)
  const mError = ms.map(
    (old, i) => (4 + before) * u * (Math.abs(beta1 * old) + Math.abs((1 - beta1) * scaled[i])) + tiny,
  )
  const vError = vs.map((old, i) => (5 + before) * u * (beta2 * old + (1 - beta2) * scaled[i] ** 2) + 2 * tiny)
  const wError = weights.map((w, i) => {
    const root = Math.sqrt(v[i] * correction2)
    const rootError = Math.sqrt((v[i] + vError[i]) * correction2) - root + 4 * u * root
    const below = root + epsilon
    const direction = (factor * m[i] * correction1) / below
    const directionError =
      (factor * mError[i] * correction1) / below + Math.abs(direction) * (rootError / below + 7 * u)
    const decay = weightDecay * w
    const after = w - rate * (direction + decay)
    return (
      rate * (directionError + 3 * u * (Math.abs(direction) + Math.abs(decay))) + u * (Math.abs(w) + Math.abs(after))
    )
  })
  return { m, v, wError, mError, vError }
}

const bound: Bound = ({ inputs, attributes }) => {
  const [weights, ms, vs, gradients, control] = inputs.map(read)
  const errors = stepErrors({ weights, ms, vs, gradients, control, attributes: attributes as number[] })
  return [errors.wError, errors.mError, errors.vError]
}

interface Options {
  readonly inPlace?: boolean
  readonly step?: number
  readonly gradientScale?: number
  readonly weightDecay?: number
  readonly rate?: number
  readonly gradient?: Fill
  readonly fresh?: boolean
}

function adamwCase(shape: Shape, options: Options = {}): ParityCase {
  const { inPlace = false, step = 10, gradientScale = 1, weightDecay = 0.1, rate = 1, fresh = false } = options
  const [beta1, beta2] = [0.9, 0.999]
  const control = values(3e-4, 1 / (1 - beta1 ** step), 1 / (1 - beta2 ** step), gradientScale)
  return {
    name: `adamw [${shape}] ${JSON.stringify({ ...options, gradient: options.gradient && 'salted' })}`,
    kernel: 'adamw',
    inputs: [
      f32(shape),
      f32(shape, fresh ? values(0) : normal(0.1)),
      f32(shape, fresh ? values(0) : uniform(0, 0.01)),
      f32(shape, options.gradient ?? normal(0.1)),
      f32([4], control),
    ],
    outputs: [result(shape), result(shape), result(shape)],
    attributes: [beta1, beta2, 1e-8, weightDecay, rate],
    aliases: inPlace
      ? [
          [0, 0],
          [1, 1],
          [2, 2],
        ]
      : [],
    bound,
  }
}

export const cases: ParityCase[] = [
  ...[[], [1], [7], [3, 65], [1000], [2, 17, 129], [100_003], [0]].flatMap((shape) => [
    adamwCase(shape),
    adamwCase(shape, { inPlace: true, step: 1, gradientScale: 0.25 }),
  ]),
  adamwCase([129], { weightDecay: 0, step: 100_000 }),
  adamwCase([129], { rate: 0.3 }),
  adamwCase([129], { fresh: true, step: 1 }),
  adamwCase([129], { fresh: true, step: 1, gradient: salted(0, 1e-30, 1e15, -1e15, 1e-8) }),
  adamwCase([129], { fresh: true, step: 1, gradient: values(0), inPlace: true }),
]
