import type { WeightSpec } from '../nn/index.ts'
import { adamwStep, state } from '../tensor/index.ts'
import { type CommonOptions, likeWeight, type Optimizer, rateOf, remembered, scheduleOf } from './optimizer.ts'

export interface AdamwOptions extends CommonOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
}

/** What AdamW and AdamW with 8-bit moments have in common: options with their defaults, and the numbers of a step. */
export function adamwSettings({
  learningRate,
  beta1 = 0.9,
  beta2 = 0.95,
  epsilon = 1e-8,
  weightDecay = 0.1,
}: AdamwOptions) {
  const rate = scheduleOf(learningRate)
  return {
    control: (step: number, steps: number) => [
      rate(step, steps),
      1 / (1 - beta1 ** (step + 1)),
      1 / (1 - beta2 ** (step + 1)),
    ],
    attributes: (spec: WeightSpec) => ({
      beta1,
      beta2,
      epsilon,
      weightDecay: spec.decays ? weightDecay : 0,
      rate: rateOf(spec, 'elements'),
    }),
  }
}

/**
 * Adam with decoupled weight decay: steps whose elements are near 1, whatever the gradients' size. It remembers two numbers
 * a weight, the running means of the gradient and of its square.
 *
 * Source: Loshchilov & Hutter 2019, algorithm 2.
 *
 * @example
 * const [m, v] = adamw({ learningRate: cosine(3e-3) }).states('w', matrix([2, 3], 0.02))
 * m // { name: 'w.m', shape: [2, 3], dtype: 'f32' }
 */
export function adamw(options: AdamwOptions): Optimizer {
  const { control, attributes } = adamwSettings(options)
  const states: Optimizer['states'] = (name, spec) => [likeWeight(`${name}.m`, spec), likeWeight(`${name}.v`, spec)]
  return {
    control,
    states,
    update(name, spec, gradient, control) {
      const [m, v] = states(name, spec).map(remembered)
      const before = { weight: state(name, spec.shape), m, v }
      const after = adamwStep(before, gradient, control, attributes(spec))
      return [
        [before.weight, after.weight],
        [m, after.m],
        [v, after.v],
      ]
    },
  }
}
