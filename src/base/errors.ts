/**
 * The root of every error that Alippe throws on purpose. `code` is stable and meant for programs;
 * the message is meant for people: what happened, what was expected, what was got, how to mend it.
 */
export class AlippeError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Shapes or dtypes that do not fit an operation. The message names operation, fact, expected and got. */
export class ShapeError extends AlippeError {
  constructor(operation: string, fact: string) {
    super('ALIPPE_SHAPE', `${operation}: ${fact}`)
  }
}

/** A setting or an argument outside what is allowed. */
export class ConfigError extends AlippeError {
  constructor(message: string, options?: ErrorOptions) {
    super('ALIPPE_CONFIG', message, options)
  }
}

/** Text or tokens that cannot be used for what was asked: too short, empty, missing. */
export class DataError extends AlippeError {
  constructor(message: string, options?: ErrorOptions) {
    super('ALIPPE_DATA', message, options)
  }
}

/** Bytes of a file that are not what the format promises. The message says which file, where, and why. */
export class FormatError extends AlippeError {
  constructor(message: string, options?: ErrorOptions) {
    super('ALIPPE_FORMAT', message, options)
  }
}

/** A backend that cannot be had, or cannot do what was asked. */
export class BackendError extends AlippeError {
  constructor(message: string, options?: ErrorOptions) {
    super('ALIPPE_BACKEND', message, options)
  }
}

/** What a step of training knew when its numbers stopped being numbers. */
export interface Divergence {
  /** The step, counted from 1 as in reports. */
  readonly step: number
  /** Which of the batches that make up the step it was, counted from 0; absent when only all of them together fail. */
  readonly batch?: number
  readonly lossNats: number
  readonly gradientNorm: number
}

/** A loss or a gradient that is not finite. The weights, and what the optimizer remembers, are not to be used after it. */
export class DivergedError extends AlippeError implements Divergence {
  readonly step: number
  readonly batch?: number
  readonly lossNats: number
  readonly gradientNorm: number

  constructor({ step, batch, lossNats, gradientNorm }: Divergence) {
    const where = batch === undefined ? `step ${step}` : `batch ${batch + 1} of step ${step}`
    super(
      'ALIPPE_DIVERGED',
      `the loss of ${where} is ${lossNats} and the gradient's norm ${gradientNorm}: the weights are spoilt; ` +
        'go on from the last checkpoint with a lower learning rate or a lower clip',
    )
    this.step = step
    this.batch = batch
    this.lossNats = lossNats
    this.gradientNorm = gradientNorm
  }
}
