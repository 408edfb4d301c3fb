import type { WeightSpec } from '../nn/index.ts'
import { adamwStep, state, type Tensor } from '../tensor/index.ts'
import { constantRate, type Schedule } from './schedule.ts'

/** How weights change from gradients. */
export interface Optimizer {
  /** Numbers that a step needs, for step `step` (from 0) of `steps`; the first is the learning rate. */
  control(step: number, steps: number): number[]
  /**
   * Updates for one weight: the weight's and those of what the optimizer remembers of it.
   *
   * @param control `[4]`: the numbers of {@link control}, then the factor that clipping gives the gradient
   */
  update(name: string, spec: WeightSpec, gradient: Tensor, control: Tensor): [Tensor, Tensor][]
  /** Names of the states that it keeps for a weight. */
  states(name: string): string[]
}

export interface AdamwOptions {
  readonly learningRate: number | Schedule
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  /** Applied to matrices only. */
  readonly weightDecay?: number
}

/**
 * Adam with decoupled weight decay. Source: Loshchilov & Hutter 2019, algorithm 2.
 *
 * @example
 * adamw({ learningRate: cosine(3e-3), weightDecay: 0.1 }).states('w') // ['w.m', 'w.v']; what it remembers of a weight
 */
export function adamw({
  learningRate,
  beta1 = 0.9,
  beta2 = 0.95,
  epsilon = 1e-8,
  weightDecay = 0.1,
}: AdamwOptions): Optimizer {
  const rate = typeof learningRate === 'number' ? constantRate(learningRate) : learningRate
  return {
    control: (step, steps) => [rate(step, steps), 1 / (1 - beta1 ** (step + 1)), 1 / (1 - beta2 ** (step + 1))],
    states: (name) => [`${name}.m`, `${name}.v`],
    update(name, { shape, decays }, gradient, control) {
      const before = { weight: state(name, shape), m: state(`${name}.m`, shape), v: state(`${name}.v`, shape) }
      const options = { beta1, beta2, epsilon, weightDecay: decays ? weightDecay : 0 }
      const after = adamwStep(before, gradient, control, options)
      return [
        [before.weight, after.weight],
        [before.m, after.m],
        [before.v, after.v],
      ]
    },
  }
}
