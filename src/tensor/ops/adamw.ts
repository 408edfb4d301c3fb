import { sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Tensor } from '../tensor.ts'

const adamwOperation = operation({
  name: 'adamw',
  attributes: ['beta1', 'beta2', 'epsilon', 'weightDecay', 'rate'],
  shapes: signature('weight: …, m: …, v: …, gradient: …, control: f32 4 -> weight: …, m: …, v: …'),
  inPlace: [
    [0, 0],
    [1, 1],
    [2, 2],
  ],
  flops: ([weight]) => 16 * sizeOf(weight!.shape),
})

export interface AdamwUpdate {
  readonly weight: Tensor
  readonly m: Tensor
  readonly v: Tensor
}

/** What stays the same from step to step. */
export interface AdamwAttributes {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
  /** Factor of the learning rate; the decay does not feel it. 1 when not given. */
  readonly rate?: number
}

/**
 * One step of Adam with decoupled weight decay.
 *
 * @param at weight, first moment m and second moment v before the step, all of one shape
 * @param gradient of the same shape
 * @param control `[4]`: learning rate, 1 / (1 − beta1^t), 1 / (1 − beta2^t), factor of the gradient
 * @returns the three after the step
 * Cost: 28 bytes a weight, in place.
 * Source: Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2.
 *
 * @example
 * const at = { weight: constant([3], [1]), m: zeros([1]), v: zeros([1]) }
 * const options = { beta1: 0, beta2: 0, epsilon: 0, weightDecay: 0 }
 * adamwStep(at, constant([4], [1]), constant([0.5, 1, 1, 1], [4]), options).weight // [2.5]; a step of the rate
 */
export function adamwStep(
  at: AdamwUpdate,
  gradient: Tensor,
  control: Tensor,
  { rate = 1, ...attributes }: AdamwAttributes,
): AdamwUpdate {
  const [weight, m, v] = apply(adamwOperation, [at.weight, at.m, at.v, gradient, control], { ...attributes, rate })
  return { weight, m, v }
}
