/** Emptied buckets of before, so that a piece costs no more than its places. */
let kept: RankBuckets | undefined

/** Empty buckets for ranks below `limit`. Give them back with {@link keepBuckets} when they are empty again. */
export function rankBuckets(limit: number): RankBuckets {
  const buckets = kept !== undefined && kept.limit >= limit ? kept : new RankBuckets(limit)
  // Those that an error keeps from being emptied are not used again.
  kept = undefined
  return buckets
}

export function keepBuckets(buckets: RankBuckets): void {
  if (buckets.room <= 1 << 16) kept = buckets
}

/** A block is a line of the processor's cache: the next block, how many places it holds, the places. */
const blockSize = 16

/** Places that wait for their rank to come, a list of blocks for each rank. */
class RankBuckets {
  /** The places of the bucket that was taken, ascending; the first {@link taken}. */
  places = new Int32Array(256)
  taken = 0
  readonly limit: number
  /** Where the first and the last block of each list are; 0 for none. */
  #heads: Int32Array
  #tails: Int32Array
  /** One bit for each bucket that is not empty, and one for each word of bits that is not zero. */
  #bits: Int32Array
  #wordBits: Int32Array
  /** Blocks one after another; the first is not used. Those of taken buckets are used again. */
  #blocks = new Int32Array(1 << 10)
  #end = blockSize
  #unused = 0

  constructor(limit: number) {
    this.limit = limit
    this.#heads = new Int32Array(limit)
    this.#tails = new Int32Array(limit)
    this.#bits = new Int32Array((limit >> 5) + 1)
    this.#wordBits = new Int32Array((limit >> 10) + 1)
  }

  /** How many places fit without more memory. */
  get room(): number {
    return this.#blocks.length
  }

  add(rank: number, place: number): void {
    let block = this.#tails[rank]
    if (block === 0 || this.#blocks[block + 1] === blockSize - 2) block = this.#addBlock(rank)
    const count = this.#blocks[block + 1]++
    this.#blocks[block + 2 + count] = place
  }

  #addBlock(rank: number): number {
    let block = this.#unused
    if (block !== 0) {
      this.#unused = this.#blocks[block]
    } else {
      block = this.#end
      this.#end += blockSize
      if (this.#end > this.#blocks.length) this.#blocks = grown(this.#blocks)
    }
    this.#blocks[block] = 0
    this.#blocks[block + 1] = 0
    if (this.#heads[rank] === 0) {
      this.#heads[rank] = block
      this.#bits[rank >> 5] |= 1 << (rank & 31)
      this.#wordBits[rank >> 10] |= 1 << ((rank >> 5) & 31)
    } else {
      this.#blocks[this.#tails[rank]] = block
    }
    this.#tails[rank] = block
    return block
  }

  /** Empties the lowest bucket that is not empty, from rank `from` on, into {@link places}; its rank, or −1. */
  take(from: number): number {
    const rank = this.#lowest(from)
    if (rank < 0) return -1
    this.#bits[rank >> 5] &= ~(1 << (rank & 31))
    if (this.#bits[rank >> 5] === 0) this.#wordBits[rank >> 10] &= ~(1 << ((rank >> 5) & 31))
    const blocks = this.#blocks
    let taken = 0
    let ascending = true
    let before = -1
    for (let block = this.#heads[rank]; block !== 0; block = blocks[block]) {
      if (taken + blockSize > this.places.length) this.places = grown(this.places)
      const end = block + 2 + blocks[block + 1]
      for (let i = block + 2; i < end; i++) {
        const place = blocks[i]
        this.places[taken++] = place
        ascending = ascending && place > before
        before = place
      }
    }
    blocks[this.#tails[rank]] = this.#unused
    this.#unused = this.#heads[rank]
    this.#heads[rank] = 0
    this.#tails[rank] = 0
    if (!ascending) this.places.subarray(0, taken).sort()
    this.taken = taken
    return rank
  }

  #lowest(from: number): number {
    if (from >> 5 >= this.#bits.length) return -1
    const here = this.#bits[from >> 5] & (-1 << (from & 31))
    if (here !== 0) return (from & ~31) + lowestBit(here)
    // The words after this one: the rest of its group, then whole groups.
    const word = (from >> 5) + 1
    for (let group = word >> 5; group < this.#wordBits.length; group++) {
      const some = group === word >> 5 ? this.#wordBits[group] & (-1 << (word & 31)) : this.#wordBits[group]
      if (some === 0) continue
      const next = (group << 5) + lowestBit(some)
      return (next << 5) + lowestBit(this.#bits[next])
    }
    return -1
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}

function grown(old: Int32Array): Int32Array<ArrayBuffer> {
  const fresh = new Int32Array(old.length * 2)
  fresh.set(old)
  return fresh
}
