import { noRank, type PairRanks } from './pair-ranks.ts'
import { PlaceHeap } from './place-heap.ts'
import { keepBuckets, rankBuckets } from './rank-buckets.ts'

/**
 * Four words for each place of a piece: the token that begins there, the rank of it and its neighbour, and the length of
 * the token, which its last place has too, so that neighbours find each other. Kept for the next piece unless it is large.
 */
let work = new Int32Array(0)
const mostKept = 1 << 18

/**
 * {@link mergePiece} for pieces of any length. Pairs wait in a bucket for each rank, and buckets are taken from the lowest
 * rank on, each from the left: no comparisons, and memory is read in order. A merge can make a pair of a rank that is due
 * already (vocabularies that were not trained in the order of their ids have such); these pairs go through a heap.
 *
 * @param spans when given, receives how many of the tokens before any merge each token is made of
 */
export function mergeLong(pairs: PairRanks, ids: Int32Array, count: number, spans?: Int32Array): number {
  if (work.length < 4 * count) work = new Int32Array(4 * count)
  const cells = work
  const buckets = rankBuckets(pairs.limit)
  for (let i = 0; i < count; i++) {
    const rank = i + 1 < count ? pairs.rank(ids[i], ids[i + 1]) : noRank
    cells[4 * i] = ids[i]
    cells[4 * i + 1] = rank
    cells[4 * i + 2] = 1
    if (rank !== noRank) buckets.add(rank, i)
  }
  const early = new PlaceHeap()
  let rank = 0
  function update(at: number, right: number): void {
    const next = pairs.rank(cells[4 * at], cells[4 * right])
    cells[4 * at + 1] = next
    if (next <= rank) early.push(next, at)
    else if (next !== noRank) buckets.add(next, at)
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
      if (cells[4 * at + 1] !== due) continue
      const gone = at + cells[4 * at + 2]
      const next = gone + cells[4 * gone + 2]
      cells[4 * gone + 1] = noRank
      cells[4 * at] = pairs.resultOf(due)
      cells[4 * at + 2] = next - at
      cells[4 * next - 2] = next - at
      if (at > 0) update(at - cells[4 * at - 2], at)
      if (next < count) update(at, next)
      else cells[4 * at + 1] = noRank
    }
  }
  keepBuckets(buckets)
  let left = 0
  for (let i = 0; i < count; i += cells[4 * i + 2]) {
    if (spans !== undefined) spans[left] = cells[4 * i + 2]
    ids[left++] = cells[4 * i]
  }
  if (work.length > mostKept) work = new Int32Array(0)
  return left
}
