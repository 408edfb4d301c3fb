import type { Random } from '../../../base/index.ts'
import { noRank, type PairRanks } from './pair-ranks.ts'
import { PlaceHeap } from './place-heap.ts'

/**
 * Merges as {@link mergePiece}, but leaves out each merge with a given probability until another one was made.
 *
 * @param spans when given, receives how many of the tokens before any merge each token is made of
 * Source: Provilkov et al. 2020, "BPE-dropout: simple and effective subword regularization", section 4.
 */
export function mergeWithDropout(
  pairs: PairRanks,
  ids: Int32Array,
  count: number,
  options: { probability: number; random: Random },
  spans?: Int32Array,
): number {
  const next = new Int32Array(count)
  const previous = new Int32Array(count)
  const ranks = new Int32Array(count).fill(noRank)
  const heap = new PlaceHeap()
  const update = (at: number): void => {
    ranks[at] = next[at] < count ? pairs.rank(ids[at], ids[next[at]]) : noRank
    if (ranks[at] !== noRank) heap.push(ranks[at], at)
  }
  for (let i = 0; i < count; i++) {
    next[i] = i + 1
    previous[i] = i - 1
    update(i)
  }
  let skipped: [rank: number, place: number][] = []
  while (heap.size > 0) {
    const rank = heap.topRank
    const at = heap.pop()
    if (options.random.next() < options.probability) {
      skipped.push([rank, at])
      continue
    }
    for (const [rank, place] of skipped) heap.push(rank, place)
    skipped = []
    if (ranks[at] !== rank) continue
    const gone = next[at]
    ids[at] = pairs.resultOf(rank)
    next[at] = next[gone]
    if (next[at] < count) previous[next[at]] = at
    ranks[gone] = noRank
    if (previous[at] >= 0) update(previous[at])
    update(at)
  }
  let left = 0
  for (let i = 0; i < count; i = next[i]) {
    if (spans !== undefined) spans[left] = next[i] - i
    ids[left++] = ids[i]
  }
  return left
}
