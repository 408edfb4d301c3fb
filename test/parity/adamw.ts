import { read } from '../../src/backend/reference/index.ts'
import type { Shape } from '../../src/base/index.ts'
import { tiny, u } from './bound.ts'
import { type Bound, type Fill, f32, normal, type ParityCase, result, salted, uniform, values } from './case.ts'

/**
 * Every number is a product or a sum of two, so errors are a few u of the terms. 1 − β is taken in f64: its error is
 * one u, not u/(1 − β). The square root of a v that may be off by `tiny` can be off by the root of it.
 */
const bound: Bound = ({ inputs: [weight, m, v, gradient, control], outputs, attributes }) => {
  const [beta1, beta2, epsilon, weightDecay] = attributes as number[]
  const [rate, correction1, correction2, gradientScale] = read(control)
  const [ws, ms, vs, gs] = [read(weight), read(m), read(v), read(gradient)]
  const [newWs, newMs, newVs] = outputs.map(read)
  const mError = ms.map((old, i) => 4 * u * (Math.abs(beta1 * old) + Math.abs((1 - beta1) * gs[i] * gradientScale)))
  const vError = vs.map((old, i) => 5 * u * (beta2 * old + (1 - beta2) * (gs[i] * gradientScale) ** 2) + 2 * tiny)
  const wError = ws.map((w, i) => {
    const root = Math.sqrt(newVs[i] * correction2)
    const rootError = Math.sqrt((newVs[i] + vError[i]) * correction2) - root + 3 * u * root
    const below = root + epsilon
    const direction = (newMs[i] * correction1) / below
    const directionError = (mError[i] * correction1) / below + Math.abs(direction) * (rootError / below + 6 * u)
    const decay = weightDecay * w
    return (
      rate * (directionError + 3 * u * (Math.abs(direction) + Math.abs(decay))) + u * (Math.abs(w) + Math.abs(newWs[i]))
    )
  })
  return [wError, mError, vError]
}

interface Options {
  readonly inPlace?: boolean
  readonly step?: number
  readonly gradientScale?: number
  readonly weightDecay?: number
  readonly gradient?: Fill
  readonly fresh?: boolean
}

function adamwCase(shape: Shape, options: Options = {}): ParityCase {
  const { inPlace = false, step = 10, gradientScale = 1, weightDecay = 0.1, fresh = false } = options
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
    attributes: [beta1, beta2, 1e-8, weightDecay],
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
  adamwCase([129], { fresh: true, step: 1 }),
  adamwCase([129], { fresh: true, step: 1, gradient: salted(0, 1e-30, 1e15, -1e15, 1e-8) }),
  adamwCase([129], { fresh: true, step: 1, gradient: values(0), inPlace: true }),
]
