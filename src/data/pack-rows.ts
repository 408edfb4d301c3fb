import { ConfigError } from '../base/index.ts'

/**
 * Puts items into as few bins of one capacity as best fit does: the longest first, each into the bin with the least room
 * that takes it. Documents that fit a row are then never cut.
 *
 * @param lengths whole numbers from 0 to `capacity`
 * @param heads the first so many items each begin a bin of their own, whatever their length
 * @returns the numbers of the items in each bin, heads first, then in the order of their numbers
 * @throws ConfigError for a length above the capacity
 * Cost: O(n + capacity) memory; a search of capacity/32 words an item at worst.
 * Source: Ding et al. 2024, "Fewer truncations improve language modeling", §3 (best-fit decreasing).
 *
 * @example
 * bestFit([3, 5, 2, 4], 7) // [[1, 2], [0, 3]]
 */
export function bestFit(lengths: ArrayLike<number>, capacity: number, heads = 0): number[][] {
  const bins: number[][] = []
  /** Bins by the room that is left in them, and which rooms there are. */
  const withRoom: number[][] = Array.from({ length: capacity + 1 }, () => [])
  const rooms = new Uint32Array((capacity >> 5) + 1)
  const offer = (bin: number, room: number) => {
    withRoom[room].push(bin)
    rooms[room >> 5] |= 1 << (room & 31)
  }
  const put = (item: number, bin: number, room: number) => {
    bins[bin].push(item)
    if (room > 0) offer(bin, room)
  }
  for (let i = 0; i < lengths.length; i++) {
    if (lengths[i] <= capacity) continue
    throw new ConfigError(`bestFit: item ${i} has length ${lengths[i]}; at most ${capacity} fits`)
  }

  for (let item = 0; item < heads; item++) {
    bins.push([])
    put(item, item, capacity - lengths[item])
  }
  for (const item of longestFirst(lengths, heads, capacity)) {
    let room = leastRoom(rooms, lengths[item], capacity)
    let bin: number
    if (room < 0) {
      bin = bins.push([]) - 1
      room = capacity
    } else {
      bin = withRoom[room].pop()!
      if (withRoom[room].length === 0) rooms[room >> 5] &= ~(1 << (room & 31))
    }
    put(item, bin, room - lengths[item])
  }
  for (const [i, bin] of bins.entries()) {
    const head = i < heads ? bin.shift() : undefined
    bin.sort((a, b) => a - b)
    if (head !== undefined) bin.unshift(head)
  }
  return bins
}

/** Item numbers from `first` on, by falling length; equal ones in order (counting sort). */
function longestFirst(lengths: ArrayLike<number>, first: number, longest: number): Uint32Array {
  const starts = new Uint32Array(longest + 2)
  for (let i = first; i < lengths.length; i++) starts[longest - lengths[i] + 1]++
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1]
  const order = new Uint32Array(lengths.length - first)
  for (let i = first; i < lengths.length; i++) order[starts[longest - lengths[i]]++] = i
  return order
}

/** The least room of at least `needed` that some bin has; −1 when there is none. */
function leastRoom(rooms: Uint32Array, needed: number, capacity: number): number {
  let word = needed >> 5
  let bits = rooms[word] & (-1 << (needed & 31))
  while (bits === 0) {
    if (++word > capacity >> 5) return -1
    bits = rooms[word]
  }
  return (word << 5) + 31 - Math.clz32(bits & -bits)
}

export interface PackedRows {
  /** Whole rows of `tokens + 1` ids, one after another. */
  readonly ids: Uint32Array
  readonly rows: number
  /** Tokens that only fill rows up. */
  readonly filler: number
}

/**
 * Packs documents into rows of `tokens` ids that are read and one more, the last target. Every document begins with the
 * separator. One that fits a row is never cut; of a longer one, whole rows are cut off, and what is left begins a row.
 * Separators fill up the rest. {@link batches} finds the documents again by their separators.
 *
 * @param documents token ids without separators; empty ones are left out
 *
 * @example
 * packRows([[7, 8, 9], [5], [6]], { tokens: 4, separator: 0 }).ids // [0, 7, 8, 9, 0, 0, 5, 0, 6, 0]
 */
export function packRows(
  documents: readonly ArrayLike<number>[],
  { tokens, separator }: { tokens: number; separator: number },
): PackedRows {
  if (!Number.isSafeInteger(tokens) || tokens < 2) {
    throw new ConfigError(`packRows: tokens is ${tokens}; expected a whole number from 2`)
  }
  /** What is left of documents that were longer than a row, then the documents that fit one. */
  const tails: Piece[] = []
  const whole: Piece[] = []
  const full: Piece[] = []
  for (const ids of documents) {
    if (ids.length === 0) continue
    let start = -1 // the separator stands before the first id
    while (ids.length - start > tokens) {
      full.push({ ids, start, end: start + tokens + 1 })
      start += tokens
    }
    const pieces = start < 0 ? whole : tails
    pieces.push({ ids, start, end: ids.length })
  }
  const pieces = [...tails, ...whole]
  const bins = bestFit(
    pieces.map(({ start, end }) => end - start),
    tokens,
    tails.length,
  )
  const stride = tokens + 1
  const out = new Uint32Array((full.length + bins.length) * stride).fill(separator)
  let filler = 0
  for (const [row, piece] of full.entries()) copyPiece(out, row * stride, piece)
  for (const [i, bin] of bins.entries()) {
    const start = (full.length + i) * stride
    let at = start
    for (const item of bin) at = copyPiece(out, at, pieces[item])
    // The separator behind the last document is its last target.
    filler += start + tokens - at
  }
  return { ids: out, rows: full.length + bins.length, filler }
}

/** Ids [start, end) of a document; −1 is the separator before it. */
interface Piece {
  readonly ids: ArrayLike<number>
  readonly start: number
  readonly end: number
}

/** Copies a piece; a separator is there already. Returns the place behind it. */
function copyPiece(out: Uint32Array, at: number, { ids, start, end }: Piece): number {
  const first = Math.max(start, 0)
  if (ids instanceof Uint32Array || ids instanceof Uint16Array) out.set(ids.subarray(first, end), at + first - start)
  else for (let i = first; i < end; i++) out[at + i - start] = ids[i]
  return at + end - start
}
