import { mergeLong } from './merge-long.ts'
import { noRank, type PairRanks } from './pair-ranks.ts'

/** Up to this many tokens, looking through all of them for the lowest rank is fastest. */
export const shortPiece = 48

const ranks = new Int32Array(shortPiece)

/**
 * Byte-pair merging of one piece: as long as some neighbouring tokens have a rank, the pair with the lowest rank is
 * merged, the leftmost of equals. Time O(n log n) at worst, about O(n) for long pieces.
 *
 * @param ids `[n]` the tokens before any merge; the result overwrites its beginning
 * @returns how many tokens are left
 *
 * Source: Sennrich et al. 2016, "Neural machine translation of rare words with subword units", algorithm 1.
 */
export function mergePiece(pairs: PairRanks, ids: Int32Array, count: number): number {
  if (count > shortPiece) return mergeLong(pairs, ids, count)
  let lowest = noRank
  let at = 0
  for (let i = 0; i + 1 < count; i++) {
    const rank = pairs.rank(ids[i], ids[i + 1])
    ranks[i] = rank
    if (rank < lowest) {
      lowest = rank
      at = i
    }
  }
  while (lowest !== noRank) {
    count--
    ids[at] = pairs.resultOf(lowest)
    for (let i = at + 1; i < count; i++) {
      ids[i] = ids[i + 1]
      ranks[i - 1] = ranks[i]
    }
    if (at > 0) ranks[at - 1] = pairs.rank(ids[at - 1], ids[at])
    if (at + 1 < count) ranks[at] = pairs.rank(ids[at], ids[at + 1])
    lowest = noRank
    for (let i = 0; i + 1 < count; i++) {
      if (ranks[i] < lowest) {
        lowest = ranks[i]
        at = i
      }
    }
  }
  return count
}
