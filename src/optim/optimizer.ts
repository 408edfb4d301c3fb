import type { StepRates, WeightSpec } from '../nn/index.ts'
import { multiply, type Spec, slice, state, subtract, type Tensor } from '../tensor/index.ts'
import { constant, type Schedule } from './schedule.ts'

/** Something that an optimizer remembers of a weight, and where: a checkpoint holds it beside the weights. */
export interface OptimizerState extends Spec {
  readonly name: string
}

/** How weights change from gradients. */
export interface Optimizer {
  /**
   * Numbers that change from step to step, for step `step` (from 0) of `steps`: always as many, the first is the learning
   * rate. What stays the same through a run is part of its program instead.
   */
  control(step: number, steps: number): number[]
  /**
   * Updates for one weight: the weight's and those of what the optimizer remembers of it.
   *
   * @param control `[n + 1]`: the n numbers of {@link control}, then the factor that clipping gives the gradient
   */
  update(name: string, spec: WeightSpec, gradient: Tensor, control: Tensor): [Tensor, Tensor][]
  /** What it keeps for a weight; zeros before the first step. */
  states(name: string, spec: WeightSpec): OptimizerState[]
}

export interface CommonOptions {
  /** A number stays the same from the first step to the last. */
  readonly learningRate: number | Schedule
  /** Decoupled, so multiplied by the learning rate alone (Loshchilov & Hutter 2019, §2); applied to matrices only. */
  readonly weightDecay?: number
}

/** A learning rate as a schedule. */
export function scheduleOf(learningRate: number | Schedule): Schedule {
  return typeof learningRate === 'number' ? constant(learningRate, { warmup: 0 }) : learningRate
}

/** An f32 state of a weight's own shape. */
export function likeWeight(name: string, { shape }: WeightSpec): OptimizerState {
  return { name, shape, dtype: 'f32' }
}

/** The tensor of a state. */
export function remembered({ name, shape, dtype }: OptimizerState): Tensor {
  return state(name, shape, dtype)
}

/** Number i of a step's control, `[1]`; −1 is the gradient's factor. */
export function controlNumber(control: Tensor, i: number): Tensor {
  const at = i < 0 ? control.shape[0] + i : i
  return slice(control, 0, at, at + 1)
}

/** The factor that a weight asks for of the learning rate of an optimizer whose steps have this size. */
export function rateOf({ rate }: WeightSpec, size: keyof StepRates): number {
  return rate?.[size] ?? 1
}

/**
 * One step against `direction`, with decoupled decay: weight·(1 − rate·decay) − rate·factor·direction.
 *
 * @param rate `[1]`
 */
export function descend(
  weight: Tensor,
  direction: Tensor,
  rate: Tensor,
  { decay, factor }: { readonly decay: number; readonly factor: number },
): Tensor {
  const kept = decay === 0 ? weight : multiply(weight, subtract(1, multiply(rate, decay)))
  return subtract(kept, multiply(direction, factor === 1 ? rate : multiply(rate, factor)))
}
