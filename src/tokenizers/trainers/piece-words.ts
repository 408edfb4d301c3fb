import type { PairTable } from '../pair-table.ts'
import { grown } from '../piece-table.ts'
import type { TakenPair } from '../training/bpe-pairs.ts'

/** A word as ids of tokens, and how often it occurs. */
export interface CountedWord {
  readonly ids: readonly number[]
  readonly count: number
}

/** Who keeps count of pairs and knows which one to merge next. */
export interface PairOrder {
  /** Changes the count of a pair by `count`, for one place in a word. */
  add(pair: number, count: number, word: number): void
  /** The pair that was taken last has been merged in one place of a word that occurs `count` times. */
  merged?(count: number): void
  /** A merge is over: all its changes are known. These tokens occur more or less often than before. */
  commit(tokens: readonly number[]): void
  /** Takes the next pair; undefined when none occurs `least` times. */
  pop(least: number): TakenPair | undefined
  wordAt(node: number): number
  /** The next node of a list of words, or −1. */
  nextWord(node: number): number
}

/** Words that are merged in their places, and the counts of their tokens and pairs. */
export class PieceWords {
  readonly pairs: PairTable
  /** How often each token occurs. */
  tokenCounts = new Float64Array(1 << 10)
  /** Tokens of all words; word w has `lengths[w]` of them from `starts[w]`. */
  readonly #ids: Int32Array
  readonly #starts: Int32Array
  readonly #lengths: Int32Array
  readonly #counts: Float64Array

  constructor(words: readonly CountedWord[], pairs: PairTable) {
    this.pairs = pairs
    this.#starts = new Int32Array(words.length)
    this.#lengths = Int32Array.from(words, ({ ids }) => ids.length)
    this.#counts = Float64Array.from(words, ({ count }) => count)
    this.#ids = new Int32Array(this.#lengths.reduce((sum, length) => sum + length, 0))
    let end = 0
    words.forEach(({ ids, count }, word) => {
      this.#starts[word] = end
      for (const id of ids) {
        this.#ids[end++] = id
        this.#addToken(id, count)
      }
    })
  }

  /** Tells all pairs to an order. */
  announce(order: PairOrder): void {
    for (let word = 0; word < this.#starts.length; word++) {
      const start = this.#starts[word]
      for (let i = start; i + 1 < start + this.#lengths[word]; i++) {
        order.add(this.pairs.number(this.#ids[i], this.#ids[i + 1]), this.#counts[word], word)
      }
    }
    order.commit([])
  }

  /** Merges left and right to `id` wherever they meet in the words of a list. */
  merge(left: number, right: number, id: number, words: number, order: PairOrder): void {
    for (let node = words; node >= 0; node = order.nextWord(node)) {
      this.#mergeWord(order.wordAt(node), left, right, id, order)
    }
    order.commit([left, right, id])
  }

  #mergeWord(word: number, left: number, right: number, id: number, order: PairOrder): void {
    const ids = this.#ids
    const { pairs } = this
    const count = this.#counts[word]
    const start = this.#starts[word]
    const end = start + this.#lengths[word]
    let to = start
    for (let from = start; from < end; from++, to++) {
      if (ids[from] !== left || from + 1 >= end || ids[from + 1] !== right) {
        ids[to] = ids[from]
        continue
      }
      if (to > start) {
        order.add(pairs.number(ids[to - 1], left), -count, word)
        order.add(pairs.number(ids[to - 1], id), count, word)
      }
      if (from + 2 < end) {
        order.add(pairs.number(right, ids[from + 2]), -count, word)
        order.add(pairs.number(id, ids[from + 2]), count, word)
      }
      order.merged?.(count)
      this.#addToken(left, -count)
      this.#addToken(right, -count)
      this.#addToken(id, count)
      ids[to] = id
      from++
    }
    this.#lengths[word] = to - start
  }

  #addToken(id: number, count: number): void {
    if (id >= this.tokenCounts.length) this.tokenCounts = grown(this.tokenCounts, new Float64Array(2 * id))
    this.tokenCounts[id] += count
  }
}
