import type { PairTable } from '../pair-table.ts'
import { grown } from '../piece-table.ts'
import type { BpePairs } from './bpe-pairs.ts'

/** The words of a text as tokens. Merging shortens a word in its place. */
export class BpeWords {
  readonly #pairs: PairTable
  /** Tokens of all words; word w has `lengths[w]` of them from `starts[w]`. */
  #ids = new Int32Array(1 << 16)
  #end = 0
  #starts: number[] = []
  #lengths: number[] = []
  #counts: number[] = []

  constructor(pairs: PairTable) {
    this.#pairs = pairs
  }

  /** Adds a word of `length` tokens, which the caller writes where this says; call {@link announce} when all are there. */
  reserve(length: number): Int32Array {
    if (this.#end + length > this.#ids.length) {
      this.#ids = grown(this.#ids, new Int32Array(Math.max(this.#end + length, this.#ids.length * 2)))
    }
    return this.#ids.subarray(this.#end, this.#end + length)
  }

  /** The first `length` reserved tokens are a word that occurs `count` times. */
  commit(length: number, count: number): void {
    // A single token has no pairs.
    if (length < 2) return
    this.#starts.push(this.#end)
    this.#lengths.push(length)
    this.#counts.push(count)
    this.#end += length
  }

  /** Tells all pairs to the queue. */
  announce(queue: BpePairs): void {
    const ids = this.#ids
    for (let word = 0; word < this.#starts.length; word++) {
      const count = this.#counts[word]
      const last = this.#starts[word] + this.#lengths[word] - 1
      for (let i = this.#starts[word]; i < last; i++) queue.add(this.#pairs.number(ids[i], ids[i + 1]), count, word)
    }
    queue.commit()
  }

  /** Merges left and right to `id` in the words of a list of the queue. */
  merge(left: number, right: number, id: number, words: number, queue: BpePairs): void {
    for (let node = words; node >= 0; node = queue.nextWord(node)) {
      this.#mergeWord(queue.wordAt(node), left, right, id, queue)
    }
    queue.commit()
  }

  /**
   * Where a pair stands first in a word, counted in the tokens before any merge, from the first word on; −1 if nowhere.
   *
   * @param sizeOf how many tokens before any merge a token is made of
   */
  placeOf(word: number, left: number, right: number, sizeOf: (id: number) => number): number {
    const ids = this.#ids
    const start = this.#starts[word]
    const last = start + this.#lengths[word] - 1
    let place = start
    for (let i = start; i < last; i++) {
      if (ids[i] === left && ids[i + 1] === right) return place
      place += sizeOf(ids[i])
    }
    return -1
  }

  #mergeWord(word: number, left: number, right: number, id: number, queue: BpePairs): void {
    const ids = this.#ids
    const pairs = this.#pairs
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
        queue.add(pairs.number(ids[to - 1], left), -count, word)
        queue.add(pairs.number(ids[to - 1], id), count, word)
      }
      if (from + 2 < end) {
        queue.add(pairs.number(right, ids[from + 2]), -count, word)
        queue.add(pairs.number(id, ids[from + 2]), count, word)
      }
      ids[to] = id
      from++
    }
    this.#lengths[word] = to - start
  }
}
