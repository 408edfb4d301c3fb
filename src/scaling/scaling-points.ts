import { DataError } from '../base/index.ts'

/** A finished run: N parameters trained on D tokens, and the loss that came of it. */
export interface ScalingPoint {
  readonly parameters: number
  readonly tokens: number
  /** Nats a token, of text that was not trained on. */
  readonly lossNats: number
}

/** @throws DataError that names the first point which is not one */
export function checkPoints(caller: string, points: readonly ScalingPoint[]): void {
  for (const [i, { parameters, tokens, lossNats }] of points.entries()) {
    for (const [name, value] of Object.entries({ parameters, tokens, lossNats })) {
      if (!(value > 0 && value < Number.POSITIVE_INFINITY))
        throw new DataError(`${caller}: ${name} of point ${i} must be above 0, got ${value}`)
    }
  }
}
