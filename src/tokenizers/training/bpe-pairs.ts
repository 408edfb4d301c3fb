import { grown } from '../piece-table.ts'

/** How pairs that occur equally often are ordered. */
export interface PairTies {
  /**
   * A number for a pair that waits to be merged; of equally frequent pairs the lowest comes first.
   *
   * @param words the first node of the list of words in which it was found
   */
  key(pair: number, words: number): number
  /** Decides where counts and keys are equal: whether the first pair comes before the second. */
  isBefore?(a: number, b: number): boolean
}

export interface TakenPair {
  readonly pair: number
  readonly count: number
  /** The first node of the list of words in which it was found. */
  readonly words: number
}

/**
 * Pairs by how often they occur, the most frequent first. Additions are gathered and become entries at {@link commit};
 * subtractions only change the count, and an entry that comes up with an old count is put back with the new one.
 *
 * Equal to Hugging Face's trainer also where that is peculiar: a token that two pairs spell gives a pair a second entry
 * for the words that were changed last.
 */
export class BpePairs {
  readonly #ties: PairTies
  #counts = new Float64Array(1 << 10)
  /** First and last node of the words that were added for a pair since the last commit; −1 when there are none. */
  #firsts = new Int32Array(1 << 10).fill(-1)
  #lasts = new Int32Array(1 << 10)
  #touched: number[] = []
  /** Nodes of the lists: word and next node, side by side. */
  #nodes = new Int32Array(1 << 16)
  #nodeCount = 0
  /** A binary heap of entries: count and key when it was put in, pair, words. */
  #heapCounts = new Float64Array(1 << 10)
  #heapKeys = new Float64Array(1 << 10)
  #heapPairs = new Int32Array(1 << 10)
  #heapWords = new Int32Array(1 << 10)
  #size = 0

  constructor(ties: PairTies) {
    this.#ties = ties
  }

  /** Changes the count of a pair; when it rises, remembers the word in which it did. Words come in ascending order. */
  add(pair: number, count: number, word: number): void {
    if (pair >= this.#counts.length) {
      const length = Math.max(pair + 1, this.#counts.length * 2)
      this.#counts = grown(this.#counts, new Float64Array(length))
      this.#firsts = grown(this.#firsts, new Int32Array(length).fill(-1))
      this.#lasts = grown(this.#lasts, new Int32Array(length))
    }
    this.#counts[pair] += count
    if (count <= 0) return
    const fresh = this.#firsts[pair] < 0
    const last = this.#lasts[pair]
    if (!fresh && this.#nodes[last] === word) return
    if (2 * this.#nodeCount + 2 > this.#nodes.length) {
      this.#nodes = grown(this.#nodes, new Int32Array(this.#nodes.length * 2))
    }
    const node = 2 * this.#nodeCount++
    this.#nodes[node] = word
    this.#nodes[node + 1] = -1
    this.#lasts[pair] = node
    if (fresh) {
      this.#firsts[pair] = node
      this.#touched.push(pair)
    } else {
      this.#nodes[last + 1] = node
    }
  }

  wordAt(node: number): number {
    return this.#nodes[node]
  }

  /** The next node of a list of words, or −1. */
  nextWord(node: number): number {
    return this.#nodes[node + 1]
  }

  /** Puts the pairs whose count rose into the queue. */
  commit(): void {
    for (const pair of this.#touched) {
      const words = this.#firsts[pair]
      if (this.#counts[pair] > 0) this.#push(this.#counts[pair], this.#ties.key(pair, words), pair, words)
      this.#firsts[pair] = -1
    }
    this.#touched = []
  }

  /** Takes the first pair; undefined when none occurs `least` times. */
  pop(least: number): TakenPair | undefined {
    while (this.#size > 0) {
      const pair = this.#heapPairs[0]
      const count = this.#counts[pair]
      const words = this.#heapWords[0]
      const old = this.#heapCounts[0] !== count
      if (old && count > 0) {
        this.#sink(0, count, this.#ties.key(pair, words), pair, words)
        continue
      }
      const end = --this.#size
      this.#sink(0, this.#heapCounts[end], this.#heapKeys[end], this.#heapPairs[end], this.#heapWords[end])
      if (old) continue
      return count < least ? undefined : { pair, count, words }
    }
    return undefined
  }

  #push(count: number, key: number, pair: number, words: number): void {
    if (this.#size === this.#heapCounts.length) {
      this.#heapCounts = grown(this.#heapCounts, new Float64Array(this.#size * 2))
      this.#heapKeys = grown(this.#heapKeys, new Float64Array(this.#size * 2))
      this.#heapPairs = grown(this.#heapPairs, new Int32Array(this.#size * 2))
      this.#heapWords = grown(this.#heapWords, new Int32Array(this.#size * 2))
    }
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(count, key, pair, parent)) break
      this.#copy(parent, at)
      at = parent
    }
    this.#put(at, count, key, pair, words)
  }

  #sink(from: number, count: number, key: number, pair: number, words: number): void {
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#size) break
      const right = child + 1
      if (right < this.#size) {
        if (this.#isBefore(this.#heapCounts[right], this.#heapKeys[right], this.#heapPairs[right], child)) child = right
      }
      if (this.#isBefore(count, key, pair, child)) break
      this.#copy(child, at)
      at = child
    }
    this.#put(at, count, key, pair, words)
  }

  #isBefore(count: number, key: number, pair: number, at: number): boolean {
    if (count !== this.#heapCounts[at]) return count > this.#heapCounts[at]
    if (key !== this.#heapKeys[at]) return key < this.#heapKeys[at]
    return this.#ties.isBefore?.(pair, this.#heapPairs[at]) ?? false
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#heapCounts[from], this.#heapKeys[from], this.#heapPairs[from], this.#heapWords[from])
  }

  #put(at: number, count: number, key: number, pair: number, words: number): void {
    this.#heapCounts[at] = count
    this.#heapKeys[at] = key
    this.#heapPairs[at] = pair
    this.#heapWords[at] = words
  }
}
