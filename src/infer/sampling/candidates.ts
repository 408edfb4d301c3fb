import { DataError } from '../../base/index.ts'
import { type Cut, cutAt } from './cut.ts'
import { exponential } from './exponential.ts'

/**
 * Tokens that may be drawn, in the order of their ids, in arrays that are used again for every draw. Everything here takes
 * time in proportion to the candidates, and nothing is sorted.
 */
export class Candidates {
  count = 0
  ids = new Int32Array(0)
  /** Logit over temperature, less the greatest: 0 or below. */
  scores = new Float64Array(0)
  /** e^score; after {@link weigh}. */
  weights = new Float64Array(0)
  /** Room for keys of a cut. */
  keys = new Float64Array(0)

  /** Takes all ids whose probability is at least `minP` of the likeliest's. @throws DataError when no id can be drawn */
  collect(logits: Float32Array, temperature: number, minP: number): void {
    if (this.ids.length < logits.length) {
      this.ids = new Int32Array(logits.length)
      this.scores = new Float64Array(logits.length)
      this.weights = new Float64Array(logits.length)
      this.keys = new Float64Array(logits.length)
    }
    const { ids, scores } = this
    const best = greatest(logits)
    if (!Number.isFinite(best)) {
      throw new DataError(
        `sample: the greatest logit is ${best}, so no token can be drawn: every token is forbidden, or the model's numbers are spoilt`,
      )
    }
    const factor = 1 / temperature
    // −MAX_VALUE leaves out what is forbidden.
    const floor = minP > 0 ? Math.log(minP) : -Number.MAX_VALUE
    let count = 0
    for (let id = 0; id < logits.length; id++) {
      const score = (logits[id] - best) * factor
      ids[count] = id
      scores[count] = score
      if (score >= floor) count++
    }
    this.count = count
  }

  /** Keeps the k likeliest. */
  keepLikeliest(k: number): void {
    if (k < this.count) this.keep(cutAt(this.scores, undefined, this.count, k), this.scores)
  }

  /** Computes the weights. @returns their sum */
  weigh(): number {
    const { scores, weights, count } = this
    let total = 0
    for (let i = 0; i < count; i++) total += weights[i] = exponential(scores[i])
    return total
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

/** The greatest number; NaN where there is one before it. */
export function greatest(logits: Float32Array): number {
  let best = logits[0]
  for (let id = 1; id < logits.length; id++) if (logits[id] > best) best = logits[id]
  return best
}

/** The id of the greatest logit; of equals the lowest. @throws DataError when none is finite */
export function likeliest(logits: Float32Array): number {
  const best = greatest(logits)
  if (!Number.isFinite(best))
    throw new DataError(
      `sample: the greatest logit is ${best}, so no token can be drawn: every token is forbidden, or the model's numbers are spoilt`,
    )
  return logits.indexOf(best)
}
