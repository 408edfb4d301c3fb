import { characterOfByte } from './byte-alphabet.ts'
import { PairQueue } from './pair-queue.ts'
import { PairTable } from './pair-table.ts'
import { grown } from './piece-table.ts'

/** A piece and how often it occurs. The bytes are read at once and may be overwritten after. */
export interface Word {
  readonly bytes: Uint8Array
  readonly count: number
}

interface LearnOptions {
  /** New tokens wanted. */
  readonly tokens: number
  readonly leastCount: number
  readonly onMerge: (done: number) => void
}

/**
 * Learns merges from counted words. Counts of pairs are kept up to date while words are merged; a queue gives the most
 * frequent pair and knows the words in which it occurs, so that a merge visits those words alone.
 *
 * Equal to Hugging Face's trainer, including its treatment of two pairs that spell the same token: the second reuses the
 * id and makes no token, and so a pair may merge a second time.
 *
 * @param bytesOfIds the byte of each of the first 256 ids
 */
export function learnMerges(
  words: Iterable<Word>,
  bytesOfIds: readonly number[],
  options: LearnOptions,
): [left: number, right: number][] {
  const state = new WordList(words, bytesOfIds)
  const spellings = bytesOfIds.map((byte) => characterOfByte[byte])
  const ids = new Map(spellings.map((spelling, id) => [spelling, id]))
  const merges: [number, number][] = []
  let tokens = 0
  while (tokens < options.tokens) {
    const top = state.queue.pop(options.leastCount)
    if (top === undefined) break
    const left = state.pairs.ids[2 * top.pair]
    const right = state.pairs.ids[2 * top.pair + 1]
    const spelling = spellings[left] + spellings[right]
    let id = ids.get(spelling)
    if (id === undefined) {
      id = spellings.push(spelling) - 1
      ids.set(spelling, id)
      tokens++
      options.onMerge(tokens)
    }
    merges.push([left, right])
    state.merge(left, right, id, top.words)
  }
  return merges
}

/** The words as token ids, and where each pair of neighbours occurs. */
class WordList {
  readonly pairs = new PairTable(1 << 14)
  readonly queue = new PairQueue(this.pairs)
  /** Tokens of all words; word w has `lengths[w]` of them from `starts[w]`. Merging shortens a word in its place. */
  #ids = new Int32Array(1 << 16)
  #starts: number[] = []
  #lengths: number[] = []
  #counts: number[] = []

  constructor(words: Iterable<Word>, bytesOfIds: readonly number[]) {
    const idOfByte = new Int32Array(256)
    bytesOfIds.forEach((byte, id) => {
      idOfByte[byte] = id
    })
    let end = 0
    for (const { bytes, count } of words) {
      // A single byte has no pairs.
      if (bytes.length < 2) continue
      const word = this.#starts.push(end) - 1
      if (end + bytes.length > this.#ids.length) {
        this.#ids = grown(this.#ids, new Int32Array(Math.max(end + bytes.length, this.#ids.length * 2)))
      }
      for (let i = 0; i < bytes.length; i++) this.#ids[end + i] = idOfByte[bytes[i]]
      for (let i = end; i + 1 < end + bytes.length; i++) {
        this.queue.add(this.pairs.number(this.#ids[i], this.#ids[i + 1]), count, word)
      }
      end += bytes.length
      this.#lengths.push(bytes.length)
      this.#counts.push(count)
    }
    this.queue.commit()
  }

  /** Merges left and right to `id` in the words of a list of the queue. */
  merge(left: number, right: number, id: number, words: number): void {
    for (let node = words; node >= 0; node = this.queue.nextWord(node)) {
      this.#mergeWord(this.queue.wordAt(node), left, right, id)
    }
    this.queue.commit()
  }

  #mergeWord(word: number, left: number, right: number, id: number): void {
    const ids = this.#ids
    const { pairs, queue } = this
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
