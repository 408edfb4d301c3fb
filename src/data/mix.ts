import { ConfigError, philox } from '../base/index.ts'

/** How much of each source a corpus has, and in which order. */
export interface Mix {
  /** Share of each source, in any unit; sources that are not named have none. Default: what they hold. */
  readonly weights?: Readonly<Record<string, number>>
  /**
   * Without weights: sources count by size^(1/temperature). 1 leaves them as they are, larger values raise small ones, and
   * Infinity makes all alike. Source: Arivazhagan et al. 2019, §4.1; Conneau & Lample 2019, §3.1.
   */
  readonly temperature?: number
  /**
   * The most often that a document is told. With weights the corpus grows until a source is used up so often. More than
   * four epochs are worth little: Muennighoff et al. 2023, §6. Default 1.
   */
  readonly epochs?: number
  /**
   * A curriculum: parts of the corpus that follow one another, with their shares of its tokens and weights of their own. No
   * document comes again before all of its source have been told.
   */
  readonly stages?: readonly { readonly share: number; readonly weights?: Readonly<Record<string, number>> }[]
}

/**
 * How often each source is told in each stage: `epochs[stage][source]`, 0.5 for half of its documents. Sources are in the
 * order in which their sizes were given.
 */
export interface MixPlan {
  readonly sources: readonly string[]
  readonly epochs: readonly (readonly number[])[]
}

/**
 * Works out a mix.
 *
 * @param sizes tokens of each source
 * @throws ConfigError for weights of sources that are not there, numbers out of range, or a mix of nothing
 *
 * @example
 * planMix({ a: 900, b: 100 }, { weights: { a: 1, b: 1 }, epochs: 2 }).epochs // [[0.2222222222222222, 2]]
 * planMix({ a: 900, b: 100 }).epochs // [[1, 1]]
 */
export function planMix(sizes: Readonly<Record<string, number>>, mix: Mix = {}): MixPlan {
  const { weights, temperature = 1, epochs = 1, stages = [{ share: 1 }] } = mix
  const sources = Object.keys(sizes)
  if (!(epochs > 0) || !Number.isFinite(epochs)) throw new ConfigError(`mix: epochs is ${epochs}; expected above 0`)
  if (!(temperature > 0)) throw new ConfigError(`mix: temperature is ${temperature}; expected above 0`)
  if (!sources.some((source) => sizes[source] > 0)) throw new ConfigError('mix: there are no tokens in any source')
  const whole = stages.reduce((sum, { share }) => sum + share, 0)
  if (!(whole > 0) || stages.some(({ share }) => !(share >= 0))) {
    throw new ConfigError('mix: shares of stages must be numbers from 0, not all of them 0')
  }
  const tempered = sources.map((source) => (sizes[source] === 0 ? 0 : sizes[source] ** (1 / temperature)))
  /** Of all tokens of the corpus, the share of each source in each stage. */
  const shares = stages.map((stage) => {
    const own = stage.weights ?? weights
    return sharesOf(sources, own === undefined ? tempered : weightsOf(sizes, own), stage.share / whole)
  })
  // As many tokens as make the scarcest source be told `epochs` times.
  const tokens = sources.reduce((least, source, i) => {
    const share = shares.reduce((sum, stage) => sum + stage[i], 0)
    return share === 0 ? least : Math.min(least, (sizes[source] * epochs) / share)
  }, Number.POSITIVE_INFINITY)
  const epochsOf = (share: number, i: number) => (share === 0 ? 0 : (share * tokens) / sizes[sources[i]])
  return { sources, epochs: shares.map((stage) => stage.map(epochsOf)) }
}

function weightsOf(sizes: Readonly<Record<string, number>>, weights: Readonly<Record<string, number>>): number[] {
  const sources = Object.keys(sizes)
  for (const [source, weight] of Object.entries(weights)) {
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new ConfigError(`mix: the weight of ${source} is ${weight}; expected a number from 0`)
    }
    if (weight === 0 || sizes[source] > 0) continue
    const known = sources.filter((one) => sizes[one] > 0)
    throw new ConfigError(`mix: there is no text of the source ${source}; there are ${known.join(', ')}`)
  }
  return sources.map((source) => weights[source] ?? 0)
}

function sharesOf(sources: readonly string[], weights: readonly number[], share: number): number[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  if (!(sum > 0)) throw new ConfigError(`mix: all weights are 0; there are ${sources.join(', ')}`)
  return weights.map((weight) => (share * weight) / sum)
}

/** Keeps these random words apart from those of other uses of the same seed. */
const purpose = 0x313c5

/**
 * Where a document stands in a mixed corpus: a number for each time that it is told. Sorting by them gives the order:
 * stages one after another, and within a stage any order equally likely. They depend on seed and number of the document
 * alone.
 *
 * A document of a source has a place in [0, 1) of each of its epochs; what is told is what lies before the end of the
 * last, and the stage is the one in whose epochs the place falls.
 *
 * @param document number of the document in the whole corpus
 * @param source number of its source in the plan
 *
 * @example
 * mixKeys(planMix({ a: 10 }), { document: 3, source: 0, seed: 1 }).length // 1
 */
export function mixKeys(plan: MixPlan, at: { document: number; source: number; seed: number }): number[] {
  const { document, source, seed } = at
  const words = new Uint32Array(4)
  const keys: number[] = []
  let total = 0
  const ends = plan.epochs.map((stage) => (total += stage[source]))
  for (let copy = 0; copy < total; copy++) {
    philox(seed >>> 0, Math.floor(seed / 2 ** 32), document >>> 0, Math.floor(document / 2 ** 32), copy, purpose, words)
    const place = copy + uniform(words[0], words[1])
    // Sums of shares may end a rounding error before a whole epoch.
    const stage = ends.findIndex((end) => place < end + 1e-9)
    if (stage >= 0) keys.push(stage + uniform(words[2], words[3]))
  }
  return keys
}

/** A number in [0, 1) with 53 bits. */
function uniform(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53
}
