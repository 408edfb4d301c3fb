/** An n-gram as a model has it. */
export interface Weights {
  /** Its share of its context's occurrences, less the discount; 0 when only its own weight as a context matters. */
  readonly share: number
  /** Which share of what follows it is left to shorter contexts; 1 when it is no context. */
  readonly rest: number
}

/** The searches that random hashes need are far shorter. */
const longestSearch = 2000

/**
 * The n-grams of one order by hash. An entry is four numbers side by side, so that reading it waits for memory once: hash,
 * share (−1 where the slot is empty), rest, nothing.
 */
export class WeightTable {
  /** The same memory as whole numbers and as shares. */
  readonly #hashes: Int32Array
  readonly #mask: number
  readonly values: Float32Array
  #size = 0

  constructor(entries: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, 1.7 * entries)))
    this.#mask = 4 * slots - 1
    this.values = new Float32Array(4 * slots)
    this.#hashes = new Int32Array(this.values.buffer)
    for (let at = 1; at < this.values.length; at += 4) this.values[at] = -1
  }

  get size(): number {
    return this.#size
  }

  /** The share of an n-gram is in `values` at this place, its rest behind that; −1 when it is not there. */
  find(hash: number): number {
    const hashes = this.#hashes
    const values = this.values
    const mask = this.#mask
    for (let at = (hash << 2) & mask; ; at = (at + 4) & mask) {
      if (values[at + 1] < 0) return -1
      if (hashes[at] === hash) return at + 1
    }
  }

  /** @returns false when the hash is there already, or its search would be so long that hashes cannot be random */
  set(hash: number, { share, rest }: Weights): boolean {
    let at = (hash << 2) & this.#mask
    for (let searched = 0; this.values[at + 1] >= 0; searched++) {
      if (this.#hashes[at] === hash || searched > longestSearch) return false
      at = (at + 4) & this.#mask
    }
    this.#hashes[at] = hash
    this.values[at + 1] = share
    this.values[at + 2] = rest
    this.#size++
    return true
  }

  forEach(visit: (hash: number, weights: Weights) => void): void {
    for (let at = 0; at < this.values.length; at += 4) {
      const share = this.values[at + 1]
      if (share >= 0) visit(this.#hashes[at], { share, rest: this.values[at + 2] })
    }
  }
}
