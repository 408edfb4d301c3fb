import { ConfigError, DataError, random } from '../../../base/index.ts'
import { outlineOf } from '../../index.ts'
import { type FeatureSettings, type Features, featuresOf } from './features.ts'
import { calibrate, logisticSlope } from './logistic.ts'
import { QualityModel, sumOf } from './quality-model.ts'

export interface QualityOptions {
  /** 2^bits weights; 10 to 24, 18 by default. */
  readonly bits?: number
  /** Whether pairs of words are features; they are by default. */
  readonly pairs?: boolean
  /** Characters in a row that are features beside the words: 0 (none, the default) to 8. */
  readonly characters?: number
  /** How often all documents are seen; 5 by default. */
  readonly epochs?: number
  /** Size of the steps; 0.5 by default. */
  readonly rate?: number
  /** How strongly weights are held near zero: the factor of half their squares in the loss; 1e-6 by default. */
  readonly decay?: number
  /** Of the order in which documents are seen; 1 by default. */
  readonly seed?: number
}

/** Each so many-th document is kept from the training, to calibrate the probabilities by. */
const heldOut = 10

/**
 * Learns to tell good documents from bad ones, by AdaGrad on the logistic loss. The same documents in the same order
 * give the same model.
 *
 * Memory: 8 bytes for each word of all documents together. Give as many good ones as bad, or probabilities lean.
 * Source: Duchi, Hazan & Singer 2011 (AdaGrad); for what it is good for: Brown et al. 2020, appendix A.
 *
 * @example
 * const trainer = new QualityTrainer({ bits: 12 })
 * for (let i = 0; i < 20; i++) trainer.add(`a story about ${i} cats`, true).add(`${i} buy now cheap cheap`, false)
 * const model = trainer.train()
 * model.probability(outlineOf('a story about dogs')) > 0.5 // true
 */
export class QualityTrainer {
  readonly #settings: FeatureSettings
  readonly #options: Required<Pick<QualityOptions, 'epochs' | 'rate' | 'decay' | 'seed'>>
  readonly #documents: Uint32Array[] = []
  readonly #areGood: boolean[] = []

  /** @throws ConfigError */
  constructor(options: QualityOptions = {}) {
    const { bits = 18, pairs = true, characters = 0, epochs = 5, rate = 0.5, decay = 1e-6, seed = 1 } = options
    const check = (name: string, value: number, least: number, most: number, whole: boolean) => {
      if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
        throw new ConfigError(`QualityTrainer: ${name} is ${value}, expected ${least} to ${most}`)
      }
    }
    check('bits', bits, 10, 24, true)
    check('characters', characters, 0, 8, true)
    check('epochs', epochs, 1, 1000, true)
    check('rate', rate, 1e-6, 100, false)
    check('decay', decay, 0, 1, false)
    this.#settings = { bits, pairs, characters }
    this.#options = { epochs, rate, decay, seed }
  }

  /** Takes a document into the training. Those without a word are passed over. */
  add(text: string, isGood: boolean): this {
    const found: Features = { places: new Uint32Array(0), count: 0 }
    featuresOf(outlineOf(text), this.#settings, found)
    if (found.count > 0) {
      this.#documents.push(found.places.slice(0, found.count))
      this.#areGood.push(isGood)
    }
    return this
  }

  /** @throws DataError when there are not at least ten documents of each kind */
  train(): QualityModel {
    const good = this.#areGood.filter((isGood) => isGood).length
    const bad = this.#areGood.length - good
    if (good < 10 || bad < 10) {
      throw new DataError(`QualityTrainer: ${good} good and ${bad} bad documents, expected at least 10 of each`)
    }
    const { epochs, rate, decay, seed } = this.#options
    const order = [...shuffled(this.#documents.length, seed)]
    const held = order.filter((_, i) => i % heldOut === 0)
    const seen = order.filter((_, i) => i % heldOut !== 0)
    const weights = new Float32Array(2 ** this.#settings.bits)
    // Sums of squares of the gradients so far.
    const squares = new Float32Array(weights.length)
    let bias = 0
    let biasSquares = 0
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const i of shuffled(seen.length, seed + epoch + 1)) {
        const places = this.#documents[seen[i]]
        const slope = logisticSlope(bias + sumOf(weights, places, places.length), this.#areGood[seen[i]])
        const share = slope / Math.sqrt(places.length)
        for (const place of places) {
          const gradient = share + decay * weights[place]
          squares[place] += gradient * gradient
          weights[place] -= (rate * gradient) / Math.sqrt(squares[place] + 1e-10)
        }
        biasSquares += slope * slope
        bias -= (rate * slope) / Math.sqrt(biasSquares + 1e-10)
      }
    }
    const scores = held.map((i) => bias + sumOf(weights, this.#documents[i], this.#documents[i].length))
    const calibration = calibrate(
      scores,
      held.map((i) => this.#areGood[i]),
    )
    return new QualityModel({ features: this.#settings, weights, bias, calibration })
  }
}

/** The numbers below `count` in random order (Fisher & Yates). */
function shuffled(count: number, seed: number): Uint32Array {
  const rng = random(seed)
  const order = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(i + 1)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}
