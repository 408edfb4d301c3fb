import type { PairTable } from '../pair-table.ts'
import { grown } from '../piece-table.ts'
import type { PairOrder, TakenPair } from './piece-words.ts'

/**
 * Pairs by how often they occur, the most frequent first, of equals the one with the lowest ids.
 *
 * Additions are gathered and become entries at `commit`; subtractions only change the count, and an entry that comes up
 * with an old count is put back with the new one. Equal to Hugging Face's trainer also where that is peculiar: a token
 * that two pairs spell gives a pair a second entry for the words that were changed last, and the count of a merged pair
 * stays and is added to when the pair comes again.
 */
export class FrequentPairs implements PairOrder {
  readonly #pairs: PairTable
  readonly #least: number
  #counts = new Float64Array(1 << 10)
  /** Words that were added for a pair since the last commit, a linked list; −1 when there are none. */
  #gathered = new Int32Array(1 << 10).fill(-1)
  #touched: number[] = []
  /** Nodes of the lists: word and next node, side by side. */
  #nodes = new Int32Array(1 << 16)
  #nodeCount = 0
  /** A binary heap of entries: count when it was put in, pair, words. */
  #heapCounts = new Float64Array(1 << 10)
  #heapPairs = new Int32Array(1 << 10)
  #heapWords = new Int32Array(1 << 10)
  #size = 0

  /** @param least pairs that occur less often are not taken */
  constructor(pairs: PairTable, least: number) {
    this.#pairs = pairs
    this.#least = Math.max(1, least)
  }

  /** Changes the count of a pair; when it rises, remembers the word in which it did. */
  add(pair: number, count: number, word: number): void {
    if (pair >= this.#counts.length) {
      const length = Math.max(pair + 1, this.#counts.length * 2)
      this.#counts = grown(this.#counts, new Float64Array(length))
      this.#gathered = grown(this.#gathered, new Int32Array(length).fill(-1))
    }
    this.#counts[pair] += count
    if (count <= 0) return
    const head = this.#gathered[pair]
    if (head < 0) this.#touched.push(pair)
    else if (this.#nodes[head] === word) return
    if (2 * this.#nodeCount + 2 > this.#nodes.length) {
      this.#nodes = grown(this.#nodes, new Int32Array(this.#nodes.length * 2))
    }
    this.#nodes[2 * this.#nodeCount] = word
    this.#nodes[2 * this.#nodeCount + 1] = head
    this.#gathered[pair] = 2 * this.#nodeCount++
  }

  wordAt(node: number): number {
    return this.#nodes[node]
  }

  nextWord(node: number): number {
    return this.#nodes[node + 1]
  }

  /** Puts the pairs whose count rose into the queue. */
  commit(): void {
    for (const pair of this.#touched) {
      if (this.#counts[pair] > 0) this.#push(this.#counts[pair], pair, this.#gathered[pair])
      this.#gathered[pair] = -1
    }
    this.#touched = []
  }

  pop(): TakenPair | undefined {
    while (this.#size > 0) {
      const pair = this.#heapPairs[0]
      const count = this.#counts[pair]
      const words = this.#heapWords[0]
      const old = this.#heapCounts[0] !== count
      if (old && count > 0) {
        this.#sink(0, count, pair, words)
        continue
      }
      this.#size--
      this.#sink(0, this.#heapCounts[this.#size], this.#heapPairs[this.#size], this.#heapWords[this.#size])
      if (old) continue
      return count < this.#least ? undefined : { pair, words, count }
    }
    return undefined
  }

  #push(count: number, pair: number, words: number): void {
    if (this.#size === this.#heapCounts.length) {
      this.#heapCounts = grown(this.#heapCounts, new Float64Array(this.#size * 2))
      this.#heapPairs = grown(this.#heapPairs, new Int32Array(this.#size * 2))
      this.#heapWords = grown(this.#heapWords, new Int32Array(this.#size * 2))
    }
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(count, pair, parent)) break
      this.#copy(parent, at)
      at = parent
    }
    this.#put(at, count, pair, words)
  }

  #sink(at: number, count: number, pair: number, words: number): void {
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#before(this.#heapCounts[child + 1], this.#heapPairs[child + 1], child))
        child++
      if (this.#before(count, pair, child)) break
      this.#copy(child, at)
      at = child
    }
    this.#put(at, count, pair, words)
  }

  #before(count: number, pair: number, at: number): boolean {
    if (count !== this.#heapCounts[at]) return count > this.#heapCounts[at]
    const ids = this.#pairs.ids
    const b = this.#heapPairs[at]
    return ids[2 * pair] !== ids[2 * b] ? ids[2 * pair] < ids[2 * b] : ids[2 * pair + 1] < ids[2 * b + 1]
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#heapCounts[from], this.#heapPairs[from], this.#heapWords[from])
  }

  #put(at: number, count: number, pair: number, words: number): void {
    this.#heapCounts[at] = count
    this.#heapPairs[at] = pair
    this.#heapWords[at] = words
  }
}
