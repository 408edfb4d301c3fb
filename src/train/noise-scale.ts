/** What one step tells of the noise in its gradient; both may come out below 0 when the noise is great. */
export interface GradientNoise {
  /** |G|²: the squared norm of the gradient that endless tokens would give. */
  readonly signal: number
  /** tr(Σ): the variance of one token's gradient, summed over all weights. */
  readonly noise: number
}

export interface GradientNorms {
  /** Batches whose gradients were summed, at least 2. */
  readonly parts: number
  /** Targets of all of them that count. */
  readonly targets: number
  /** Squared norms of the parts' own mean gradients, each weighted by its share of the targets. */
  readonly partSquare: number
  /** Squared norm of the mean gradient over all targets. */
  readonly wholeSquare: number
}

/**
 * Unbiased estimates from the norms of a step that was made of several batches. A mean over n targets has a squared norm
 * of |G|² + tr(Σ)/n in expectation: parts and whole are two such equations. Parts may differ in size; with the weights
 * above, they count as equal ones.
 *
 * Source: McCandlish et al. 2018, appendix A.1.
 *
 * @example
 * gradientNoise({ parts: 2, targets: 64, partSquare: 1 + 8 / 32, wholeSquare: 1 + 8 / 64 }) // { signal: 1, noise: 8 }
 */
export function gradientNoise({ parts, targets, partSquare, wholeSquare }: GradientNorms): GradientNoise {
  return {
    signal: (parts * wholeSquare - partSquare) / (parts - 1),
    noise: (targets * (partSquare - wholeSquare)) / (parts - 1),
  }
}

/** The gradient noise scale of a run, from running means: a ratio of means is far less biased than a mean of ratios. */
export interface NoiseScale {
  add(step: GradientNoise): void
  /**
   * tr(Σ)/|G|², in tokens: with smaller batches a step is mostly noise, with much larger ones most tokens are wasted.
   * Undefined while the means say nothing: no step yet, or more noise than signal can be told from.
   */
  readonly tokens: number | undefined
}

/**
 * Follows the noise scale over the steps of a run.
 *
 * @param memory what a step before counts of the one after it; 0.98 looks back on some 50 steps
 * Source: McCandlish et al. 2018, §2.2 and appendix A.1.
 *
 * @example
 * const scale = noiseScale()
 * scale.add({ signal: 1, noise: 500 })
 * scale.tokens // 500
 */
export function noiseScale(memory = 0.98): NoiseScale {
  let signal = 0
  let noise = 0
  return {
    // Both means lack the same factor of their beginning, which the ratio does not see.
    add(step) {
      signal = memory * signal + (1 - memory) * step.signal
      noise = memory * noise + (1 - memory) * step.noise
    },
    get tokens() {
      return signal > 0 && noise > 0 ? noise / signal : undefined
    },
  }
}
