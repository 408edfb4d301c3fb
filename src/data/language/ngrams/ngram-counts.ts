import { ConfigError, DataError } from '../../../base/index.ts'
import { ContextSums } from './context-sums.ts'
import { CountTable } from './count-table.ts'
import { NgramModel } from './ngram-model.ts'
import { emptyHash, hashesBefore, hashWith, type Unit, unitsOf } from './units.ts'
import { WeightTable } from './weight-table.ts'

export interface NgramOptions {
  readonly unit: Unit
  /** Units of the longest n-grams, 1 to 8; 3 for words and 5 for characters by default. */
  readonly order?: number
  /** N-grams of each order that are kept at most, in bits: 10 to 26, 20 by default. */
  readonly bits?: number
  /** From this order on, n-grams that were met once are left out of the model; the longest by default, never order 1. */
  readonly pruneFrom?: number
}

/**
 * Counts n-grams of texts, one after another, and makes a model of them: interpolated modified Kneser-Ney. An n-gram
 * shorter than the order counts once for each unit that it was met behind.
 *
 * Counts are by hashes of 32 bits. When a table is three quarters full, n-grams that were met once have to go, then
 * those that were met twice, until it is half empty; what they were counted is left to shorter contexts, so that the
 * model's probabilities still sum to one. A text that is counted twice is two texts.
 *
 * Memory: 12 bytes · 2^bits for each order at most, and about four times that while a model is made. Cost: some 100 ns a
 * word and order.
 * Source: Kneser & Ney 1995; Chen & Goodman 1998, "An Empirical Study of Smoothing Techniques", §3 and §4.
 *
 * @example
 * const counts = new NgramCounts({ unit: 'word', order: 2, pruneFrom: 3 })
 * counts.add('the cat sat on the mat')
 * const model = counts.model()
 * model.score('the cat').bits < model.score('cat the').bits // true
 */
export class NgramCounts {
  readonly #unit: Unit
  readonly #order: number
  readonly #pruneFrom: number
  /** `[order]`, for n-grams of 1, 2, … units. */
  readonly #tables: readonly CountTable[]
  #units = 0

  /** @throws ConfigError */
  constructor({ unit, order = unit === 'word' ? 3 : 5, bits = 20, pruneFrom = order }: NgramOptions) {
    if (unit !== 'word' && unit !== 'character')
      throw new ConfigError(`NgramCounts: unit is ${unit}, expected word or character`)
    if (!Number.isInteger(order) || order < 1 || order > 8)
      throw new ConfigError(`NgramCounts: order is ${order}, expected 1 to 8`)
    if (!Number.isInteger(bits) || bits < 10 || bits > 26)
      throw new ConfigError(`NgramCounts: bits is ${bits}, expected 10 to 26`)
    if (!Number.isInteger(pruneFrom) || pruneFrom < 1) {
      throw new ConfigError(`NgramCounts: pruneFrom is ${pruneFrom}, expected a whole number from 1 on`)
    }
    this.#unit = unit
    this.#order = order
    this.#pruneFrom = pruneFrom
    this.#tables = Array.from({ length: order }, () => new CountTable(2 ** bits))
  }

  /** Counts a text, as one that stands alone. */
  add(text: string): void {
    const order = this.#order
    // Of the n-grams that end before the unit at hand, by how many units they have.
    const before = hashesBefore(order)
    const hashes = new Int32Array(order + 1)
    const units = unitsOf(text, this.#unit)
    this.#units += units.length
    for (const unit of units) {
      for (let n = 1; n <= order; n++) hashes[n] = hashWith(before[n - 1], unit)
      for (let n = order; n > 0; n--) {
        // A new n-gram is one more unit before the n-gram without its first.
        if (!this.#tables[n - 1].add(hashes[n], before[n - 1])) break
      }
      for (let n = 1; n < order; n++) before[n] = hashes[n]
    }
  }

  /**
   * The model of what was counted until now. What it leaves out is left out of the counts too.
   *
   * @throws DataError when that is nothing
   */
  model(): NgramModel {
    if (this.#units === 0) throw new DataError('NgramCounts: there was no text to make a model of')
    const order = this.#order
    for (let n = Math.max(2, this.#pruneFrom); n <= order; n++) this.#tables[n - 1].prune(1)
    const discounts = this.#tables.map((counts) => discountsOf(counts.countsOfCounts()))
    const contexts = this.#tables.map((counts, i) => contextsOf(counts, discounts[i]))
    const tables = this.#tables.map((counts, i) => {
      const longer = contexts[i + 1] as ContextSums | undefined
      const table = new WeightTable(counts.size + (longer?.size ?? 0))
      counts.forEach((hash, context, count) => {
        const share = (count - discounts[i][Math.min(count, 3)]) / contexts[i].total(context)
        table.set(hash, { share, rest: longer?.rest(hash) ?? 1 })
      })
      longer?.forEach((hash) => {
        if (table.find(hash) < 0) table.set(hash, { share: 0, rest: longer.rest(hash) })
      })
      return table
    })
    const vocabulary = this.#tables[0].size
    const rest = contexts[0].rest(emptyHash)
    return new NgramModel({ unit: this.#unit, vocabulary, rest, tables })
  }
}

/** How often each context was met, and how much of that is taken from its n-grams for shorter contexts. */
function contextsOf(counts: CountTable, discounts: readonly number[]): ContextSums {
  const sums = new ContextSums()
  counts.forEach((_, context, count) => {
    sums.add(context, count, discounts[Math.min(count, 3)])
  })
  sums.forEach((context) => {
    const lost = counts.lost(context)
    if (lost > 0) sums.add(context, lost, lost)
  })
  return sums
}

/**
 * What is taken from counts of 1, 2 and more, `[4]` from 0 on: Chen & Goodman 1998, eq. 26; half of the count where too
 * few n-grams were met that often. Never nothing, so that whatever comes is possible.
 */
function discountsOf([, once, twice, three, four]: Float64Array): readonly number[] {
  if (once === 0 || twice === 0 || three === 0) return [0, 0.5, 1, 1.5]
  const y = once / (once + 2 * twice)
  const within = (discount: number, most: number) => Math.min(Math.max(discount, leastDiscount), most)
  return [
    0,
    within(1 - (2 * y * twice) / once, 1),
    within(2 - (3 * y * three) / twice, 2),
    within(3 - (4 * y * four) / three, 3),
  ]
}

const leastDiscount = 0.05
