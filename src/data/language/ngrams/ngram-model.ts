import { fingerprintOf } from '../fingerprint.ts'
import { hashesBefore, hashWith, type Unit, unitsOf } from './units.ts'
import type { WeightTable } from './weight-table.ts'

/** How well a model foresees a text. */
export interface TextScore {
  /** −log₂ of the text's probability. */
  readonly bits: number
  /** Words or characters. */
  readonly units: number
}

/**
 * A language model that foresees each word or character from those before it: what comes after a context is mixed from
 * what was met there and, with a weight of its own, what comes after the context without its first unit; at last all
 * known units and "any other" are equally likely. Made by `NgramCounts` or `readNgramModel`.
 */
export class NgramModel {
  readonly unit: Unit
  readonly order: number
  /** How many units it knows. */
  readonly vocabulary: number
  /** Which share the shortest context leaves to units never met. */
  readonly rest: number
  /** `[order]` */
  readonly tables: readonly WeightTable[]

  constructor(parts: { unit: Unit; vocabulary: number; rest: number; tables: readonly WeightTable[] }) {
    this.unit = parts.unit
    this.order = parts.tables.length
    this.vocabulary = parts.vocabulary
    this.rest = parts.rest
    this.tables = parts.tables
  }

  /**
   * The bits of a text that begins at its beginning.
   *
   * Cost: some 10 ns · order for each unit.
   */
  score(text: string): TextScore {
    const units = unitsOf(text, this.unit)
    const { order, tables } = this
    const before = hashesBefore(order)
    // Weights of the contexts before the unit at hand, by how many units they have.
    const rests = new Float64Array(order)
    rests[0] = this.rest
    for (let n = 1; n < order; n++) rests[n] = restOf(tables[n - 1], before[n])
    const unseen = 1 / (this.vocabulary + 1)
    let bits = 0
    for (let i = 0; i < units.length; i++) {
      const unit = units[i]
      let probability = unseen
      let rest = rests[0]
      let context = before[0]
      for (let n = 0; n < order; n++) {
        const table = tables[n]
        const hash = hashWith(context, unit)
        const at = table.find(hash)
        probability *= rest
        if (at >= 0) probability += table.values[at]
        if (n + 1 === order) break
        context = before[n + 1]
        rest = rests[n + 1]
        before[n + 1] = hash
        rests[n + 1] = at >= 0 ? table.values[at + 1] : 1
      }
      bits -= Math.log2(probability)
    }
    return { bits, units: units.length }
  }

  /**
   * Bits for each word or character, log₂ of the perplexity; undefined for a text without any.
   */
  bitsPerUnit(text: string): number | undefined {
    const { bits, units } = this.score(text)
    return units === 0 ? undefined : bits / units
  }

  /** Tells models apart. */
  fingerprint(): string {
    const head = Float64Array.of(this.unit === 'word' ? 0 : 1, this.vocabulary, this.rest)
    return fingerprintOf([head, ...this.tables.map((table) => table.values)])
  }

  /** The perplexity of a text: 2 to the bits for each unit. */
  perplexity(text: string): number | undefined {
    const bits = this.bitsPerUnit(text)
    return bits === undefined ? undefined : 2 ** bits
  }
}

function restOf(table: WeightTable, hash: number): number {
  const at = table.find(hash)
  return at < 0 ? 1 : table.values[at + 1]
}
