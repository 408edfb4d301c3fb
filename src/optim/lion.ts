import { add, less, multiply, state, subtract } from '../tensor/index.ts'
import {
  type CommonOptions,
  controlNumber,
  descend,
  likeWeight,
  type Optimizer,
  rateOf,
  remembered,
  scheduleOf,
} from './optimizer.ts'

export interface LionOptions extends CommonOptions {
  /** Share of the momentum in the direction whose sign is taken. */
  readonly beta1?: number
  /** Share of the momentum that goes on. */
  readonly beta2?: number
}

/**
 * Steps by the sign alone: sign(β1·m + (1 − β1)·gradient), then m ← β2·m + (1 − β2)·gradient. Every element moves by the
 * learning rate, so it wants a rate some 3 to 10 times below AdamW's, and a decay as many times above. It remembers one
 * number a weight.
 *
 * Source: Chen et al. 2023 ("Symbolic Discovery of Optimization Algorithms"), program 1 and §5 for the settings.
 *
 * @example
 * lion({ learningRate: 1e-4 }).control(0, 100) // [1e-4]
 */
export function lion({ learningRate, beta1 = 0.9, beta2 = 0.99, weightDecay = 1 }: LionOptions): Optimizer {
  const schedule = scheduleOf(learningRate)
  const states: Optimizer['states'] = (name, spec) => [likeWeight(`${name}.m`, spec)]
  return {
    control: (step, steps) => [schedule(step, steps)],
    states,
    update(name, spec, gradient, control) {
      const weight = state(name, spec.shape)
      const [m] = states(name, spec).map(remembered)
      const g = multiply(gradient, controlNumber(control, -1))
      const ahead = subtract(m, g)
      const mixed = add(g, multiply(ahead, beta1))
      const sign = subtract(less(0, mixed), less(mixed, 0))
      const step = { decay: spec.decays ? weightDecay : 0, factor: rateOf(spec, 'elements') }
      return [
        [weight, descend(weight, sign, controlNumber(control, 0), step)],
        [m, add(g, multiply(ahead, beta2))],
      ]
    },
  }
}
