import { noRank } from './pair-ranks.ts'
import type { TokenBytes } from './token-bytes.ts'

/** Up to this many bytes, looking through all ranks for the lowest is fastest. */
export const shortRange = 48

/**
 * Merging where the rank of a pair is the token of its bytes. Neighbours in a piece are neighbours in its bytes, so what
 * is looked up is a range of the piece: no pair is put together, and nothing is remembered of pairs.
 */
export class RangeMerger {
  readonly #tokens: TokenBytes
  readonly #byteIds: Int32Array
  /** The complement of the rank of each two bytes, which is what a piece begins with; 0 when not known yet. */
  readonly #twoBytes = new Int32Array(1 << 16)
  readonly #starts = new Int32Array(shortRange + 2)
  readonly #ranks = new Int32Array(shortRange + 2)

  /** @param byteIds `[256]` */
  constructor(tokens: TokenBytes, byteIds: Int32Array) {
    this.#tokens = tokens
    this.#byteIds = byteIds
  }

  /**
   * Merges a piece of 1 to {@link shortRange} bytes.
   *
   * @param view of `bytes`, with padding after `end`
   * @param ids receives the tokens
   * @returns how many there are
   */
  merge(bytes: Uint8Array, view: DataView, at: number, end: number, ids: Int32Array): number {
    const tokens = this.#tokens
    const starts = this.#starts
    const ranks = this.#ranks
    const twoBytes = this.#twoBytes
    let count = end - at
    let lowest = noRank
    let best = 0
    for (let i = 0; i < count; i++) {
      const byte = bytes[at + i]
      starts[i] = at + i
      ids[i] = this.#byteIds[byte]
      let rank = noRank
      if (i + 1 < count) {
        rank = ~twoBytes[(byte << 8) | bytes[at + i + 1]]
        if (rank < 0) rank = this.#learn(bytes, view, at + i)
      }
      ranks[i] = rank
      if (rank < lowest) {
        lowest = rank
        best = i
      }
    }
    starts[count] = end
    while (lowest !== noRank) {
      ids[best] = lowest
      count--
      for (let i = best + 1; i < count; i++) {
        starts[i] = starts[i + 1]
        ids[i] = ids[i + 1]
        ranks[i] = ranks[i + 1]
      }
      starts[count] = end
      const stop = starts[best + 1]
      if (best > 0) {
        const rank = tokens.find(view, starts[best - 1], stop)
        ranks[best - 1] = rank < 0 ? noRank : rank
      }
      ranks[best] = noRank
      if (stop < end) {
        const rank = tokens.find(view, starts[best], starts[best + 2])
        if (rank >= 0) ranks[best] = rank
      }
      lowest = noRank
      for (let i = 0; i + 1 < count; i++) {
        if (ranks[i] < lowest) {
          lowest = ranks[i]
          best = i
        }
      }
    }
    return count
  }

  #learn(bytes: Uint8Array, view: DataView, at: number): number {
    const id = this.#tokens.find(view, at, at + 2)
    const rank = id < 0 ? noRank : id
    this.#twoBytes[(bytes[at] << 8) | bytes[at + 1]] = ~rank
    return rank
  }
}
