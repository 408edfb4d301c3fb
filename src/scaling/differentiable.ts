/** What a function is at a place. */
export interface Evaluation {
  readonly value: number
  readonly gradient: Float64Array
}

/** A function with its gradient. Each call gives a gradient of its own, which nobody changes afterwards. */
export type Differentiable = (x: Float64Array) => Evaluation
