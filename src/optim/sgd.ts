import { add, multiply, state } from '../tensor/index.ts'
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

export interface SgdOptions extends CommonOptions {
  /** Share of the last direction that goes on; 0 remembers nothing. */
  readonly momentum?: number
  /** Looks where the momentum leads before it takes the gradient's part. */
  readonly nesterov?: boolean
}

/**
 * Gradient descent with momentum: v ← momentum·v + gradient, and a step of the learning rate against v, or against
 * gradient + momentum·v with `nesterov`. It remembers one number a weight, or none without momentum.
 *
 * Source: Sutskever et al. 2013, §2, as PyTorch writes it; decay: Loshchilov & Hutter 2019, algorithm 1.
 *
 * @example
 * sgd({ learningRate: 0.1, momentum: 0 }).states('w', matrix([2, 3], 0.02)) // []
 */
export function sgd({ learningRate, momentum = 0.9, nesterov = false, weightDecay = 0 }: SgdOptions): Optimizer {
  const schedule = scheduleOf(learningRate)
  const states: Optimizer['states'] = (name, spec) => (momentum === 0 ? [] : [likeWeight(`${name}.momentum`, spec)])
  return {
    control: (step, steps) => [schedule(step, steps)],
    states,
    update(name, spec, gradient, control) {
      const weight = state(name, spec.shape)
      const g = multiply(gradient, controlNumber(control, -1))
      const [before] = states(name, spec).map(remembered)
      const after = before && add(multiply(before, momentum), g)
      const direction = after === undefined ? g : nesterov ? add(g, multiply(after, momentum)) : after
      const step = { decay: spec.decays ? weightDecay : 0, factor: rateOf(spec, 'gradient') }
      const next = descend(weight, direction, controlNumber(control, 0), step)
      return after === undefined
        ? [[weight, next]]
        : [
            [weight, next],
            [before, after],
          ]
    },
  }
}
