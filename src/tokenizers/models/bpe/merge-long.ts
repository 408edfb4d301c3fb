import { noRank, type PairRanks } from './pair-ranks.ts'
import { PlaceHeap } from './place-heap.ts'
import { keepBuckets, rankBuckets } from './rank-buckets.ts'

/** Work space, kept for the next piece unless it is large. */
let spans = new Int32Array(0)
let ranks = new Int32Array(0)
const mostKept = 1 << 16

/**
 * {@link mergePiece} for pieces of any length. Pairs wait in a bucket for each rank, and buckets are taken from the lowest
 * rank on, each from the left: no comparisons, and memory is read in order. A merge can make a pair of a rank that is due
 * already (vocabularies that were not trained in the order of their ids have such); these pairs go through a heap.
 */
export function mergeLong(pairs: PairRanks, ids: Int32Array, count: number): number {
  // The first and the last place of a token hold its length, so that its neighbours are found.
  if (spans.length < count) {
    spans = new Int32Array(count)
    ranks = new Int32Array(count)
  }
  const buckets = rankBuckets(pairs.limit)
  for (let i = 0; i < count; i++) {
    spans[i] = 1
    ranks[i] = i + 1 < count ? pairs.rank(ids[i], ids[i + 1]) : noRank
    if (ranks[i] !== noRank) buckets.add(ranks[i], i)
  }
  const early = new PlaceHeap()
  let rank = 0
  function update(at: number, right: number): void {
    ranks[at] = pairs.rank(ids[at], ids[right])
    if (ranks[at] <= rank) early.push(ranks[at], at)
    else if (ranks[at] !== noRank) buckets.add(ranks[at], at)
  }
  for (rank = buckets.take(0); rank >= 0; rank = buckets.take(rank + 1)) {
    for (let i = 0; i < buckets.taken || early.size > 0; ) {
      let at: number
      let due = rank
      if (early.size > 0 && (i === buckets.taken || early.isBefore(rank, buckets.places[i]))) {
        due = early.topRank
        at = early.pop()
      } else {
        at = buckets.places[i++]
      }
      // A neighbour has merged since this pair was put down.
      if (ranks[at] !== due) continue
      const gone = at + spans[at]
      const span = spans[at] + spans[gone]
      ids[at] = pairs.resultOf(due)
      ranks[gone] = noRank
      spans[at] = span
      spans[at + span - 1] = span
      if (at > 0) update(at - spans[at - 1], at)
      if (at + span < count) update(at, at + span)
      else ranks[at] = noRank
    }
  }
  keepBuckets(buckets)
  let left = 0
  for (let i = 0; i < count; i += spans[i]) ids[left++] = ids[i]
  if (spans.length > mostKept) {
    spans = new Int32Array(0)
    ranks = spans
  }
  return left
}
