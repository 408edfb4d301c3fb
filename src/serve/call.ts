import type { Metrics } from './metrics.ts'
import type { ServedModel } from './served-model.ts'

/** What a route is given beside the body. */
export interface Call {
  readonly model: ServedModel
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  readonly metrics: Metrics
}
