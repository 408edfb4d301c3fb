/** Which neighbouring symbols merge, how early, and to what. */
export interface ScoreMerges {
  /** The symbol that a pair merges to, or −1. */
  merged(left: number, right: number): number
  /** How early a pair merges that makes this symbol: lower is earlier. Symbols can share a rank. */
  readonly ranks: ArrayLike<number>
}

/** Ranks and places are kept in one number, so that one comparison orders both. */
const mostPlaces = 2 ** 31

/**
 * Byte-pair merging as SentencePiece does it: of all pairs that make a piece the one whose piece has the highest score,
 * the leftmost of equals.
 *
 * @param symbols `[n]`, overwritten: the symbol that begins at a place, −1 where it was merged into one before
 * @param count n
 * Cost: O(n log n).
 */
export function mergeByScore(symbols: Int32Array, count: number, merges: ScoreMerges): void {
  if (nexts.length < count) {
    nexts = new Int32Array(2 * count)
    befores = new Int32Array(2 * count)
  }
  let heap = new Float64Array(count + 16)
  let size = 0

  function push(key: number): void {
    if (size === heap.length) {
      const larger = new Float64Array(2 * size)
      larger.set(heap)
      heap = larger
    }
    let at = size++
    while (at > 0) {
      const above = (at - 1) >> 1
      if (heap[above] <= key) break
      heap[at] = heap[above]
      at = above
    }
    heap[at] = key
  }
  function pop(): number {
    const top = heap[0]
    const key = heap[--size]
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= size) break
      if (below + 1 < size && heap[below + 1] < heap[below]) below++
      if (heap[below] >= key) break
      heap[at] = heap[below]
      at = below
    }
    heap[at] = key
    return top
  }
  function offer(left: number, right: number): void {
    const result = merges.merged(symbols[left], symbols[right])
    if (result >= 0) push(merges.ranks[result] * mostPlaces + left)
  }

  for (let i = 0; i < count; i++) {
    nexts[i] = i + 1
    befores[i] = i - 1
    if (i > 0) offer(i - 1, i)
  }
  while (size > 0) {
    const key = pop()
    const left = key % mostPlaces
    const right = nexts[left]
    if (symbols[left] < 0 || right >= count) continue
    const result = merges.merged(symbols[left], symbols[right])
    // One of the two has merged since.
    if (result < 0 || merges.ranks[result] !== (key - left) / mostPlaces) continue
    symbols[left] = result
    symbols[right] = -1
    const next = nexts[right]
    nexts[left] = next
    if (next < count) {
      befores[next] = left
      offer(left, next)
    }
    if (befores[left] >= 0) offer(befores[left], left)
  }
}

let nexts = new Int32Array(64)
let befores = new Int32Array(64)
