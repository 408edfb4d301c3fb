import { ConfigError, type Random } from '../base/index.ts'

export interface SamplingOptions {
  /** 0 takes the likeliest token; 1 draws from the model's own probabilities. */
  readonly temperature?: number
  /** Only the k likeliest tokens may be drawn; 0 allows all. */
  readonly topK?: number
  /** Only the likeliest tokens that together reach this probability may be drawn. Source: Holtzman et al. 2020, §3.1. */
  readonly topP?: number
}

/**
 * Draws the next token.
 *
 * @param logits `[V]`
 * @returns an id; of equals, the lowest
 * @example
 * sample([0, 2, 1], { temperature: 0 }, random(1)) // 1
 */
export function sample(
  logits: ArrayLike<number>,
  { temperature = 1, topK = 0, topP = 1 }: SamplingOptions,
  rng: Random,
): number {
  if (!(temperature >= 0)) throw new ConfigError(`sample: temperature must be 0 or more, got ${temperature}`)
  if (!(topP > 0 && topP <= 1)) throw new ConfigError(`sample: topP must be above 0 and at most 1, got ${topP}`)
  let best = 0
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id
  if (temperature === 0) return best

  const probabilities = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature))
  let candidates = Array.from(probabilities, (_, id) => id)
  if (topK > 0 || topP < 1) {
    candidates.sort((a, b) => probabilities[b] - probabilities[a] || a - b)
    if (topK > 0) candidates = candidates.slice(0, topK)
    const goal = topP * candidates.reduce((sum, id) => sum + probabilities[id], 0)
    let reached = 0
    candidates = candidates.slice(
      0,
      1 + candidates.findIndex((id) => (reached += probabilities[id]) >= goal) || candidates.length,
    )
  }
  let left = rng.next() * candidates.reduce((sum, id) => sum + probabilities[id], 0)
  for (const id of candidates) if ((left -= probabilities[id]) < 0) return id
  return candidates[candidates.length - 1]
}
