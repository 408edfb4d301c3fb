import { PlaceHeap } from '../../models/bpe/place-heap.ts'
import { keepBuckets, rankBuckets } from '../../models/bpe/rank-buckets.ts'

/** Which neighbouring symbols merge, how early, and to what. */
export interface ScoreMerges {
  /** The symbol that a pair merges to, or −1; also when one of the two is negative. */
  merged(left: number, right: number): number
  /** How early a pair merges that makes this symbol: lower is earlier. Symbols can share a rank. */
  readonly ranks: Int32Array
  /** Ranks are below this. */
  readonly limit: number
}

/** Up to this many symbols, looking through all of them for the lowest rank is fastest. */
const shortWord = 32

/** A rank higher than any other. */
const none = 0x7fffffff

/** The rank of the pair that begins at a place. */
let ranks = new Int32Array(256)
/** How many places a symbol takes; kept at its first and at its last place, so that its neighbours are found. */
let spans = new Int32Array(256)

/**
 * Byte-pair merging as SentencePiece does it: of all pairs that make a piece the one whose piece has the highest score,
 * the leftmost of equals.
 *
 * @param symbols `[n]`, overwritten: the symbol that begins at a place, −1 where it was merged into one before
 * @param count n
 * Cost: O(n) for long texts, about; pairs wait in a bucket for each rank.
 */
export function mergeByScore(symbols: Int32Array, count: number, merges: ScoreMerges): void {
  if (spans.length < count) {
    ranks = new Int32Array(2 * count)
    spans = new Int32Array(2 * count)
  }
  const rankOf = (left: number, right: number): number => {
    const result = merges.merged(symbols[left], symbols[right])
    return result < 0 ? none : merges.ranks[result]
  }
  for (let i = 0; i < count; i++) {
    spans[i] = 1
    ranks[i] = i + 1 < count ? rankOf(i, i + 1) : none
  }
  /** Merges the pair at a place and gives where the symbol after it begins. */
  const merge = (at: number): number => {
    const right = at + spans[at]
    const span = spans[at] + spans[right]
    symbols[at] = merges.merged(symbols[at], symbols[right])
    symbols[right] = -1
    ranks[right] = none
    spans[at] = span
    spans[at + span - 1] = span
    return at + span
  }
  if (count <= shortWord) {
    for (;;) {
      let at = 0
      for (let i = 1; i < count; i++) if (ranks[i] < ranks[at]) at = i
      if (count === 0 || ranks[at] === none) return
      const next = merge(at)
      ranks[at] = next < count ? rankOf(at, next) : none
      if (at > 0) ranks[at - spans[at - 1]] = rankOf(at - spans[at - 1], at)
    }
  }

  const buckets = rankBuckets(merges.limit)
  for (let i = 0; i < count; i++) if (ranks[i] !== none) buckets.add(ranks[i], i)
  /** Pairs that are due already: those of a merge that makes a better piece possible. */
  const early = new PlaceHeap()
  let rank = 0
  const update = (left: number, right: number): void => {
    const found = right < count ? rankOf(left, right) : none
    ranks[left] = found
    if (found <= rank) early.push(found, left)
    else if (found !== none) buckets.add(found, left)
  }
  for (rank = buckets.take(0); rank >= 0; rank = buckets.take(rank + 1)) {
    for (let i = 0; i < buckets.taken || early.size > 0; ) {
      let at: number
      let due = rank
      if (early.size > 0 && (i === buckets.taken || early.isBefore(rank, buckets.places[i]))) {
        due = early.topRank
        at = early.pop()
      } else at = buckets.places[i++]
      // A neighbour has merged since this pair was put down.
      if (ranks[at] !== due) continue
      const next = merge(at)
      if (at > 0) update(at - spans[at - 1], at)
      update(at, next)
    }
  }
  keepBuckets(buckets)
}
