import { ConfigError } from '../../base/index.ts'
import { Candidates, likeliest } from './candidates.ts'
import { checkSampling, type SamplingOptions } from './options.ts'
import { dryPenalize, penalize } from './penalties.ts'

/** Draws the tokens of one text. What it remembers is the text, and Mirostat's cut. */
export interface Sampler {
  /**
   * The next id. The text does not go on with it before {@link accept}.
   *
   * @param logits `[V]`; changed
   * @param uniform in [0, 1): the one random number that a draw takes
   */
  next(logits: Float32Array, uniform: number): number
  /** The text goes on with `id`. */
  accept(id: number): void
}

/** One for all texts: a draw is never interrupted. */
const candidates = new Candidates()

/** @param prompt ids that the text begins with */
export function sampler(options: SamplingOptions, prompt: ArrayLike<number> = []): Sampler {
  checkSampling(options)
  const { temperature = 1, topK = 0, topP = 1, minP = 0, typicalP = 1, mirostat, dry } = options
  const biases = Object.entries(options.logitBias ?? {}).map(([id, bias]) => [Number(id), bias] as const)
  const text = Array.from(prompt)
  const occurrences = { all: new Set(text), drawn: new Map<number, number>() }
  const { tau = 5, eta = 0.1 } = mirostat ?? {}
  /** μ: the greatest surprise that is let through, in bits. */
  let most = 2 * tau
  let surprise = tau

  const drawn = (logits: Float32Array, uniform: number): number => {
    const isCut = topK > 0 && topK < logits.length
    let total = isCut
      ? candidates.collectLikeliest(logits, temperature, minP, topK)
      : candidates.collect(logits, temperature, minP, topP)
    if (topP < 1) total = candidates.keepNucleus(topP, total)
    if (typicalP < 1) total = candidates.keepTypical(typicalP, total)
    if (mirostat) total = candidates.keepUnsurprising(most, total)
    const place = candidates.draw(uniform, total)
    if (mirostat) surprise = (Math.log(total) - candidates.scores[place]) / Math.LN2
    return candidates.ids[place]
  }

  return {
    next(logits, uniform) {
      for (const [id, bias] of biases) {
        if (!(id >= 0 && id < logits.length))
          throw new ConfigError(`sample: logitBias names id ${id}, but there are ${logits.length} tokens`)
        logits[id] += bias
      }
      penalize(logits, options, occurrences)
      if (dry !== undefined) dryPenalize(logits, dry, text, text.length)
      return temperature < 1e-5 ? likeliest(logits) : drawn(logits, uniform)
    },
    accept(id) {
      text.push(id)
      occurrences.all.add(id)
      occurrences.drawn.set(id, (occurrences.drawn.get(id) ?? 0) + 1)
      if (mirostat) most -= eta * (surprise - tau)
    },
  }
}
