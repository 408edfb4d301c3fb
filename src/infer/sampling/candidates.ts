import { DataError } from '../../base/index.ts'
import { type Cut, cutAt } from './cut.ts'
import { exponential } from './exponential.ts'
import { kthGreatest } from './kth-greatest.ts'

/**
 * Tokens that may be drawn, in the order of their ids, in arrays that are used again for every draw. Everything here takes
 * time in proportion to the candidates, and nothing is sorted.
 */
export class Candidates {
  count = 0
  ids = new Int32Array(0)
  /** Logit over temperature, less the greatest: 0 or below. */
  scores = new Float64Array(0)
  /** e^score */
  weights = new Float64Array(0)
  /** Room for keys of a cut. */
  keys = new Float64Array(0)

  /**
   * Takes ids whose probability is at least `minP` of the likeliest's. Of these, it may leave out those that a nucleus of `share` does
   * not reach: V tokens of less than (1 − share)/V of the likeliest's weight are less than 1 − share together.
   *
   * @returns the sum of their weights, those left out among them
   * @throws DataError when no id can be drawn
   */
  collect(logits: Float32Array, temperature: number, minP: number, share: number): number {
    const best = this.begin(logits)
    const { ids, scores, weights } = this
    const factor = 1 / temperature
    const floor = Math.log(minP)
    const reach = Math.max(floor, Math.log((1 - share) / logits.length) - 1e-9)
    let count = 0
    let total = 0
    for (let id = 0; id < logits.length; id++) {
      const score = (logits[id] - best) * factor
      if (!(score >= floor)) continue
      const weight = exponential(score)
      total += weight
      if (!(score >= reach) || weight === 0) continue
      ids[count] = id
      scores[count] = score
      weights[count] = weight
      count++
    }
    this.count = count
    return total
  }

  /** Takes the k likeliest ids of those whose probability is at least `minP` of the likeliest's. @returns the sum of their weights */
  collectLikeliest(logits: Float32Array, temperature: number, minP: number, k: number): number {
    const best = this.begin(logits)
    const { ids, scores, weights } = this
    const factor = 1 / temperature
    const floor = Math.log(minP)
    const cut = kthGreatest(logits, k)
    const least = cut.key
    let ties = cut.ties
    let count = 0
    let total = 0
    for (let id = 0; id < logits.length; id++) {
      if (!(logits[id] >= least) || (logits[id] === least && ties-- <= 0)) continue
      const score = (logits[id] - best) * factor
      if (!(score >= floor) || score === Number.NEGATIVE_INFINITY) continue
      ids[count] = id
      scores[count] = score
      total += weights[count] = exponential(score)
      count++
    }
    this.count = count
    return total
  }

  /** Makes room for all. @returns the greatest logit */
  private begin(logits: Float32Array): number {
    if (this.ids.length < logits.length) {
      this.ids = new Int32Array(logits.length)
      this.scores = new Float64Array(logits.length)
      this.weights = new Float64Array(logits.length)
      this.keys = new Float64Array(logits.length)
    }
    return logits[likeliest(logits)]
  }

  /** Keeps the likeliest that together reach `share` of `total`. @returns the sum of their weights */
  keepNucleus(share: number, total: number): number {
    return this.keep(cutAt(this.scores, this.weights, this.count, share * total), this.scores)
  }

  /** Keeps those of nearly the expected surprise that together reach `share` of `total`. @returns the sum of their weights */
  keepTypical(share: number, total: number): number {
    const { scores, weights, keys, count } = this
    // With p = weight/total, surprise is ln total − score; both sides of the difference have ln total.
    let mean = 0
    for (let i = 0; i < count; i++) mean += weights[i] * scores[i]
    mean /= total
    for (let i = 0; i < count; i++) keys[i] = -Math.abs(scores[i] - mean)
    return this.keep(cutAt(keys, weights, count, share * total), keys)
  }

  /** Keeps those whose surprise is at most `bits`, and the likeliest. @returns the sum of their weights */
  keepUnsurprising(bits: number, total: number): number {
    const floor = Math.min(0, Math.log(total) - bits * Math.LN2)
    return this.keep({ key: floor, ties: this.count }, this.scores)
  }

  /** The place that a uniform number in [0, 1) falls to. */
  draw(uniform: number, total: number): number {
    const { weights, count } = this
    let left = uniform * total
    let last = 0
    for (let i = 0; i < count; i++) {
      if (weights[i] === 0) continue
      last = i
      if ((left -= weights[i]) < 0) return i
    }
    return last
  }

  private keep({ key, ties }: Cut, keys: Float64Array): number {
    const { ids, scores, weights } = this
    let kept = 0
    let left = ties
    let total = 0
    for (let i = 0; i < this.count; i++) {
      if (!(keys[i] > key || (keys[i] === key && left-- > 0))) continue
      ids[kept] = ids[i]
      scores[kept] = scores[i]
      total += weights[kept] = weights[i]
      kept++
    }
    this.count = kept
    return total
  }
}

/** The id of the greatest logit; of equals the lowest. @throws DataError when none is finite */
export function likeliest(logits: Float32Array): number {
  let best = logits[0]
  let at = 0
  for (let id = 1; id < logits.length; id++) {
    if (logits[id] > best) {
      best = logits[id]
      at = id
    }
  }
  if (Number.isFinite(best)) return at
  throw new DataError(
    `sample: the greatest logit is ${best}, so no token can be drawn: every token is forbidden, or the model's numbers are spoilt`,
  )
}
