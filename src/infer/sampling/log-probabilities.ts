import { likeliest } from './candidates.ts'
import { exponential } from './exponential.ts'

export interface LogProbability {
  readonly id: number
  /** Natural logarithm of the probability, from the model's own logits: before penalties, temperature and cuts. */
  readonly logprob: number
}

/** ln Σ e^logit. Cost: two passes. */
export function logSumExp(logits: Float32Array): number {
  const best = logits[likeliest(logits)]
  let total = 0
  for (let id = 0; id < logits.length; id++) total += exponential(logits[id] - best)
  return best + Math.log(total)
}

/** The `count` likeliest ids, the likeliest first; of equals the lowest. Cost: a pass for few. */
export function likeliestIds(logits: Float32Array, count: number): number[] {
  const ids: number[] = []
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]
    if (ids.length === count && !(logit > logits[ids[count - 1]])) continue
    if (ids.length === count) ids.pop()
    let place = ids.length
    while (place > 0 && logits[ids[place - 1]] < logit) place--
    ids.splice(place, 0, id)
  }
  return ids
}
