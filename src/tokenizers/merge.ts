import { PairTable } from './pair-table.ts'

/** What merging needs to know of a vocabulary: the number of a pair in `pairs` is its rank, the lowest merges first. */
export interface Merges {
  readonly pairs: PairTable
  /** The token that the pair of this rank becomes. */
  readonly results: Int32Array
}

/** Merges without repetition: a pair that comes twice has its last place. Training can make such lists, rarely. */
export function lastOfEachPair<M extends readonly [left: number, right: number, ...unknown[]]>(
  list: readonly M[],
): M[] {
  const seen = new PairTable(list.length)
  const last = list.toReversed().filter(([left, right]) => {
    const before = seen.size
    return seen.number(left, right) === before
  })
  return last.reverse()
}

/** Up to this many tokens, looking through all of them for the lowest rank is faster than a queue. */
const short = 48

/**
 * Byte-pair merging of one piece: as long as some neighbouring tokens have a rank, the pair with the lowest rank is
 * merged, the leftmost of equals. Time O(n log n).
 *
 * @param ids `[n]` ids of the bytes; the result overwrites its beginning
 * @returns how many tokens are left
 *
 * Source: Sennrich et al. 2016, "Neural machine translation of rare words with subword units", algorithm 1.
 */
export function mergePiece(merges: Merges, ids: Int32Array, count: number): number {
  return count <= short ? mergeShort(merges, ids, count) : mergeLong(merges, ids, count)
}

const none = 0x7fffffff
const shortRanks = new Int32Array(short)

function rankOf(merges: Merges, left: number, right: number): number {
  const rank = merges.pairs.find(left, right)
  return rank < 0 ? none : rank
}

function mergeShort(merges: Merges, ids: Int32Array, count: number): number {
  const ranks = shortRanks
  for (let i = 0; i + 1 < count; i++) ranks[i] = rankOf(merges, ids[i], ids[i + 1])
  while (count > 1) {
    let best = none
    let at = 0
    for (let i = 0; i + 1 < count; i++) {
      if (ranks[i] < best) {
        best = ranks[i]
        at = i
      }
    }
    if (best === none) break
    count--
    ids[at] = merges.results[best]
    for (let i = at + 1; i < count; i++) {
      ids[i] = ids[i + 1]
      ranks[i - 1] = ranks[i]
    }
    if (at > 0) ranks[at - 1] = rankOf(merges, ids[at - 1], ids[at])
    if (at + 1 < count) ranks[at] = rankOf(merges, ids[at], ids[at + 1])
  }
  return count
}

/** A place in a piece is below this; a piece has at most 2^20 code units of at most 3 bytes. */
const places = 2 ** 22

/** A linked list of tokens and a queue of rank · 2²² + place, which orders by rank, then from the left. */
function mergeLong(merges: Merges, ids: Int32Array, count: number): number {
  const next = new Int32Array(count)
  const previous = new Int32Array(count)
  const ranks = new Int32Array(count).fill(none)
  const queue = new Float64Array(2 * count)
  let queued = 0
  for (let i = 0; i < count; i++) {
    next[i] = i + 1
    previous[i] = i - 1
    if (i + 1 < count) ranks[i] = rankOf(merges, ids[i], ids[i + 1])
    if (ranks[i] !== none) queue[queued++] = ranks[i] * places + i
  }
  for (let i = (queued >> 1) - 1; i >= 0; i--) sink(queue, queued, i)

  // Each merge takes one entry at least and adds two at most; an entry whose rank is no longer that of its place is old.
  const update = (at: number): number => {
    const right = next[at]
    ranks[at] = right < count ? rankOf(merges, ids[at], ids[right]) : none
    if (ranks[at] !== none) {
      queue[queued++] = ranks[at] * places + at
      rise(queue, queued - 1)
    }
    return ranks[at]
  }
  while (queued > 0) {
    const top = queue[0]
    queue[0] = queue[--queued]
    sink(queue, queued, 0)
    const rank = Math.floor(top / places)
    const at = top - rank * places
    if (ranks[at] !== rank) continue
    const gone = next[at]
    ids[at] = merges.results[rank]
    next[at] = next[gone]
    if (next[at] < count) previous[next[at]] = at
    ranks[gone] = none
    update(at)
    if (previous[at] >= 0) update(previous[at])
  }
  let left = 0
  for (let i = 0; i < count; i = next[i]) ids[left++] = ids[i]
  return left
}

function sink(queue: Float64Array, size: number, at: number): void {
  const value = queue[at]
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    if (child + 1 < size && queue[child + 1] < queue[child]) child++
    if (queue[child] >= value) break
    queue[at] = queue[child]
    at = child
  }
  queue[at] = value
}

function rise(queue: Float64Array, at: number): void {
  const value = queue[at]
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (queue[parent] <= value) break
    queue[at] = queue[parent]
    at = parent
  }
  queue[at] = value
}
