import { type ContentHash, numbersHash } from './content-hash.ts'
import { grown } from './key-table.ts'
import { shingleCount, shingles } from './shingles.ts'

/** Runs that are hashed at a time. */
const window = 4096
/** So many bits stay in the second cache. */
const begunBits = 20

/** Where a gram was found: `gram` is its number, `word` the first of its words in the text. */
export interface GramPlace {
  readonly gram: number
  readonly word: number
}

/**
 * Runs of words, numbered in the order in which they come. Found ones are compared word by word, so two grams are taken for
 * one only if all their words have the hashes of the other's.
 */
export class GramIndex {
  /** The words of all texts that grams were taken from. */
  #words = new Uint32Array(0)
  #wordCount = 0
  /** By gram: its first word, and its length. */
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  /** Open addressing by the hash of the gram: its number + 1. */
  #slots = new Uint32Array(1 << 10)
  readonly #room = new Uint32Array(window)
  /** A bit for each place that a gram has by other bits of its hash: most words of most texts begin no gram. */
  readonly #begun = new Uint32Array(2 ** (begunBits - 5))

  get count(): number {
    return this.#starts.length
  }

  /** Equal for equal grams in the same order. */
  get hash(): ContentHash {
    const words = this.#words.subarray(0, this.#wordCount)
    const hashes = [words, Uint32Array.from(this.#starts), Uint32Array.from(this.#lengths)].map((list) =>
      numbersHash(list),
    )
    return numbersHash(Uint32Array.from(hashes.flatMap(({ high, low }) => [high, low])))
  }

  length(gram: number): number {
    return this.#lengths[gram]
  }

  /** Adds all runs of `length` words of a text that has at least so many; calls for each that is new. */
  add(words: Uint32Array, length: number, isNew: (gram: number) => void): void {
    const base = this.#wordCount
    if (base + words.length > this.#words.length) this.#words = grown(this.#words, 2 * (base + words.length))
    this.#words.set(words, base)
    this.#wordCount += words.length
    this.#forEachRun(words, length, (hash, word) => {
      const slot = this.#slotOf(hash, words, word, length)
      if (this.#slots[slot] > 0) return
      this.#starts.push(base + word)
      this.#lengths.push(length)
      this.#slots[slot] = this.count
      const bit = hash >>> (32 - begunBits)
      this.#begun[bit >> 5] |= 1 << (bit & 31)
      isNew(this.count - 1)
      if (2 * this.count > this.#slots.length) this.#rehash()
    })
  }

  /** Where grams of one length stand in a text, in order. */
  find(words: Uint32Array, length: number): GramPlace[] {
    const found: GramPlace[] = []
    if (words.length < length) return found
    const begun = this.#begun
    this.#forEachRun(words, length, (hash, word) => {
      const bit = hash >>> (32 - begunBits)
      if ((begun[bit >> 5] & (1 << (bit & 31))) === 0) return
      const gram = this.#slots[this.#slotOf(hash, words, word, length)] - 1
      if (gram >= 0) found.push({ gram, word })
    })
    return found
  }

  #forEachRun(words: Uint32Array, length: number, call: (hash: number, word: number) => void): void {
    const count = shingleCount(words.length, length)
    for (let from = 0; from < count; from += window) {
      const to = Math.min(count, from + window)
      shingles(words, length, from, to, this.#room)
      for (let i = from; i < to; i++) call(this.#room[i - from], i)
    }
  }

  /** The slot of a gram, or the free one where it would be. */
  #slotOf(hash: number, words: Uint32Array, word: number, length: number): number {
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const gram = this.#slots[slot] - 1
      if (gram < 0) return slot
      if (this.#lengths[gram] === length && this.#equal(this.#starts[gram], words, word, length)) return slot
    }
  }

  #equal(start: number, words: Uint32Array, word: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.#words[start + i] !== words[word + i]) return false
    return true
  }

  #rehash(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length)
    const mask = this.#slots.length - 1
    const hash = new Uint32Array(1)
    for (let gram = 0; gram < this.count; gram++) {
      const start = this.#starts[gram]
      shingles(this.#words.subarray(start, start + this.#lengths[gram]), this.#lengths[gram], 0, 1, hash)
      let slot = hash[0] & mask
      while (this.#slots[slot] > 0) slot = (slot + 1) & mask
      this.#slots[slot] = gram + 1
    }
  }
}
