import { padding } from './byte-hash.ts'
import type { TokenBytes } from './token-bytes.ts'

/** The rank of pairs that do not merge: higher than any other. */
export const noRank = 0x7fffffff

/** Entries for pairs that are remembered where ranks are those of bytes: a newer pair takes the place of an older. */
const remembered = 1 << 17

const lowIds = 256

/** When pairs of neighbouring tokens merge, the lowest rank first, and what they become. */
export class PairRanks {
  /** Ranks are below this. */
  readonly limit: number
  /** The token that a pair of this rank becomes; absent where the rank is that token. */
  readonly results: Int32Array | undefined
  /** Left id + 1, right id, rank; the fourth is not used, so that an entry never crosses a line of the processor's cache. */
  readonly #table: Int32Array
  readonly #mask: number
  /** `[left, right]` the complement of the rank of two low ids, which single bytes have; 0 when not known yet. */
  readonly #low = new Int32Array(lowIds * lowIds)
  readonly #tokens: TokenBytes | undefined
  #joined = new Uint8Array(0)
  #joinedView = new DataView(this.#joined.buffer)

  private constructor(limit: number, capacity: number, results?: Int32Array, tokens?: TokenBytes) {
    this.limit = limit
    this.results = results
    this.#tokens = tokens
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * capacity))) - 1
    this.#table = new Int32Array(4 * (this.#mask + 1))
  }

  /** Pairs as files list them: the rank is the place in the list; of a pair that comes twice, its last place. */
  static listed(
    count: number,
    merge: (rank: number) => readonly [left: number, right: number, result: number],
  ): PairRanks {
    const results = new Int32Array(count)
    const ranks = new PairRanks(count, count, results)
    for (let rank = 0; rank < count; rank++) {
      const [left, right, result] = merge(rank)
      results[rank] = result
      ranks.#put(left, right, rank)
    }
    return ranks
  }

  /** Any two tokens whose bytes together are a token merge to it, and its id is their rank: tiktoken's rule. */
  static ofBytes(tokens: TokenBytes): PairRanks {
    return new PairRanks(tokens.size, remembered / 2, undefined, tokens)
  }

  /** The rank of a pair, or {@link noRank}. */
  rank(left: number, right: number): number {
    if ((left | right) >= lowIds) return this.#find(left, right)
    const known = this.#low[left * lowIds + right]
    if (known !== 0) return ~known
    const rank = this.#find(left, right)
    this.#low[left * lowIds + right] = ~rank
    return rank
  }

  #find(left: number, right: number): number {
    const table = this.#table
    let at = (place(left, right) & this.#mask) << 2
    if (table[at] === left + 1 && table[at + 1] === right) return table[at + 2]
    if (this.#tokens !== undefined) {
      const rank = this.#rankOfBytes(this.#tokens, left, right)
      table[at] = left + 1
      table[at + 1] = right
      table[at + 2] = rank
      return rank
    }
    while (table[at] !== 0) {
      at = (at + 4) & (table.length - 1)
      if (table[at] === left + 1 && table[at + 1] === right) return table[at + 2]
    }
    return noRank
  }

  resultOf(rank: number): number {
    return this.results === undefined ? rank : this.results[rank]
  }

  #rankOfBytes(tokens: TokenBytes, left: number, right: number): number {
    const leftLength = tokens.lengthOf(left)
    const length = leftLength + tokens.lengthOf(right)
    if (this.#joined.length < length + padding) {
      this.#joined = new Uint8Array(2 * length + padding)
      this.#joinedView = new DataView(this.#joined.buffer)
    }
    const { bytes } = tokens
    const joined = this.#joined
    const start = tokens.startOf(left)
    for (let i = 0; i < leftLength; i++) joined[i] = bytes[start + i]
    const rightStart = tokens.startOf(right) - leftLength
    for (let i = leftLength; i < length; i++) joined[i] = bytes[rightStart + i]
    const id = tokens.find(this.#joinedView, 0, length)
    return id < 0 ? noRank : id
  }

  #put(left: number, right: number, rank: number): void {
    const table = this.#table
    let at = (place(left, right) & this.#mask) << 2
    while (table[at] !== 0 && (table[at] !== left + 1 || table[at + 1] !== right)) at = (at + 4) & (table.length - 1)
    table[at] = left + 1
    table[at + 1] = right
    table[at + 2] = rank
  }
}

function place(left: number, right: number): number {
  const mixed = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
