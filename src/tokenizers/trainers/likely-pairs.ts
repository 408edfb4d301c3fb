import { grown } from '../piece-table.ts'
import type { TakenPair } from '../training/bpe-pairs.ts'
import type { PairOrder, PieceWords } from './piece-words.ts'

/**
 * Pairs by score c(ab) / (c(a) · c(b)), the highest first; of equal scores the most frequent pair, of equally frequent
 * ones that with the lowest ids.
 *
 * A merge of a and b to ab changes the counts of these three tokens and of pairs next to a merged place, which have one of
 * the three in them too. So exactly the pairs with one of the three can have a new score, and `commit` finds it again for
 * all of them. A score can rise, so an order that mends a score only when its pair comes up would miss the highest: the
 * heap knows where each pair is, and moves it at once. Before each `pop` all scores in the heap are therefore true.
 */
export class LikelyPairs implements PairOrder {
  readonly #words: PieceWords
  readonly #least: number
  #counts = new Float64Array(1 << 10)
  /** What the heap goes by: the score, and the count that it was found with. */
  #scores = new Float64Array(1 << 10)
  #scored = new Float64Array(1 << 10)
  /** First node of the list of words in which a pair may be, or −1. */
  #lists = new Int32Array(1 << 10).fill(-1)
  /** Where a pair is in the heap, or −1. */
  #places = new Int32Array(1 << 10).fill(-1)
  #heap = new Int32Array(1 << 10)
  #size = 0
  /** Pairs in the heap that a token is part of; some may have left it since. */
  readonly #pairsOf: number[][] = []
  /** Pairs whose count changed since the last commit, some of them twice. */
  #touched: number[] = []
  #taken = -1
  /** Nodes of the lists: word and next node, side by side. */
  #nodes = new Int32Array(1 << 16)
  #nodeCount = 0

  /** @param least pairs that occur less often are not merged; at least 1 */
  constructor(words: PieceWords, least: number) {
    this.#words = words
    this.#least = least
  }

  add(pair: number, count: number, word: number): void {
    if (pair >= this.#counts.length) {
      const length = 2 * pair
      this.#counts = grown(this.#counts, new Float64Array(length))
      this.#scores = grown(this.#scores, new Float64Array(length))
      this.#scored = grown(this.#scored, new Float64Array(length))
      this.#lists = grown(this.#lists, new Int32Array(length).fill(-1))
      this.#places = grown(this.#places, new Int32Array(length).fill(-1))
      this.#heap = grown(this.#heap, new Int32Array(length))
    }
    this.#counts[pair] += count
    this.#touched.push(pair)
    const first = this.#lists[pair]
    if (count < 0 || (first >= 0 && this.#nodes[first] === word)) return
    if (2 * this.#nodeCount === this.#nodes.length) {
      this.#nodes = grown(this.#nodes, new Int32Array(2 * this.#nodes.length))
    }
    const node = 2 * this.#nodeCount++
    this.#nodes[node] = word
    this.#nodes[node + 1] = first
    this.#lists[pair] = node
  }

  merged(count: number): void {
    this.#counts[this.#taken] -= count
  }

  wordAt(node: number): number {
    return this.#nodes[node]
  }

  nextWord(node: number): number {
    return this.#nodes[node + 1]
  }

  commit(tokens: readonly number[]): void {
    for (const pair of this.#touched) {
      const isIn = this.#places[pair] >= 0
      const belongs = this.#counts[pair] >= this.#least
      if (belongs && !isIn) this.#enter(pair)
      else if (isIn && !belongs) this.#leave(pair)
    }
    this.#touched = []
    for (const token of tokens) {
      const pairs = this.#pairsOf[token]?.filter((pair) => this.#places[pair] >= 0)
      if (pairs === undefined) continue
      this.#pairsOf[token] = pairs
      for (const pair of pairs) {
        this.#score(pair)
        this.#settle(pair, this.#places[pair])
      }
    }
  }

  pop(): TakenPair | undefined {
    if (this.#size === 0) return undefined
    const pair = this.#heap[0]
    const words = this.#lists[pair]
    this.#leave(pair)
    this.#lists[pair] = -1
    this.#taken = pair
    // Merging will change the count; if it does not become 0, the pair enters again.
    this.#touched.push(pair)
    return { pair, words, count: this.#counts[pair] }
  }

  #enter(pair: number): void {
    const { ids } = this.#words.pairs
    const [left, right] = [ids[2 * pair], ids[2 * pair + 1]]
    ;(this.#pairsOf[left] ??= []).push(pair)
    if (right !== left) (this.#pairsOf[right] ??= []).push(pair)
    this.#score(pair)
    this.#settle(pair, this.#size++)
  }

  #leave(pair: number): void {
    const place = this.#places[pair]
    this.#places[pair] = -1
    const last = this.#heap[--this.#size]
    if (last !== pair) this.#settle(last, place)
  }

  #score(pair: number): void {
    const { pairs, tokenCounts } = this.#words
    const count = this.#counts[pair]
    this.#scores[pair] = count / (tokenCounts[pairs.ids[2 * pair]] * tokenCounts[pairs.ids[2 * pair + 1]])
    this.#scored[pair] = count
  }

  /** Puts a pair into the heap from a place on that is free or its own, up or down. */
  #settle(pair: number, place: number): void {
    const heap = this.#heap
    let at = place
    for (let up = (at - 1) >> 1; at > 0 && this.#before(pair, heap[up]); up = (at - 1) >> 1) {
      this.#put(heap[up], at)
      at = up
    }
    for (let down = 2 * at + 1; down < this.#size; down = 2 * at + 1) {
      if (down + 1 < this.#size && this.#before(heap[down + 1], heap[down])) down++
      if (!this.#before(heap[down], pair)) break
      this.#put(heap[down], at)
      at = down
    }
    this.#put(pair, at)
  }

  #put(pair: number, at: number): void {
    this.#heap[at] = pair
    this.#places[pair] = at
  }

  #before(a: number, b: number): boolean {
    if (this.#scores[a] !== this.#scores[b]) return this.#scores[a] > this.#scores[b]
    if (this.#scored[a] !== this.#scored[b]) return this.#scored[a] > this.#scored[b]
    const { ids } = this.#words.pairs
    return ids[2 * a] !== ids[2 * b] ? ids[2 * a] < ids[2 * b] : ids[2 * a + 1] < ids[2 * b + 1]
  }
}
