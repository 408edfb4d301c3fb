import { equalRanges, hashRange, masks, padding } from './byte-hash.ts'

/** Ids are below this. Holes in a vocabulary cost memory, so a hostile file must not make many. */
export const idLimit: number = (1 << 22) - 1

const idMask = (1 << 22) - 1
const free = -1

/**
 * The bytes of all tokens of a vocabulary, one after another in one array, found by id and by bytes. 200,000 tokens are
 * four arrays; nothing is allocated for each.
 */
export class TokenBytes {
  /** One more than the highest id. */
  size = 0
  /** An id whose bytes a lower id has too, if {@link of} was given such; −1 otherwise. */
  repeated = -1
  /** With {@link padding} bytes to spare. */
  bytes = new Uint8Array(1 << 10)
  #view = new DataView(this.bytes.buffer)
  #used = 0
  #starts = new Int32Array(1 << 8)
  #lengths = new Int32Array(1 << 8)
  /** Id in the low 22 bits, the hash in the others; at most four fifths are taken. */
  #slots = new Int32Array(1 << 9).fill(free)
  #count = 0

  /**
   * All tokens at once.
   *
   * @param bytes with {@link padding} bytes to spare
   * @param starts where each token begins
   * @param lengths 0 for an id that is not used
   * @param size one more than the highest id
   */
  static of(bytes: Uint8Array<ArrayBuffer>, starts: Int32Array, lengths: Int32Array, size: number): TokenBytes {
    const tokens = new TokenBytes()
    tokens.bytes = bytes
    tokens.#view = new DataView(bytes.buffer)
    tokens.#starts = starts as Int32Array<ArrayBuffer>
    tokens.#lengths = lengths as Int32Array<ArrayBuffer>
    tokens.size = size
    tokens.#index(size)
    return tokens
  }

  /**
   * Adds a token.
   *
   * @param id unused and below {@link idLimit}
   * @returns the id, or that of an older token of the same bytes, which remains the only one
   */
  add(id: number, token: Uint8Array): number {
    const start = this.#used
    const end = start + token.length
    if (end + padding > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, end + padding))
      larger.set(this.bytes)
      this.bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    this.bytes.set(token, start)
    const known = this.find(this.bytes, this.#view, start, end)
    if (known >= 0) return known
    if (id >= this.#starts.length) {
      const room = Math.max(id + 1, this.#starts.length * 2)
      this.#starts = grown(this.#starts, room)
      this.#lengths = grown(this.#lengths, room)
    }
    this.#starts[id] = start
    this.#lengths[id] = token.length
    this.#used = end
    if (id >= this.size) this.size = id + 1
    if (++this.#count * 2 > this.#slots.length) {
      this.#index(2 * this.#count)
      return id
    }
    const hash = hashRange(this.#view, start, end)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== free) slot = (slot + 1) & mask
    this.#slots[slot] = (hash & ~idMask) | id
    return id
  }

  /** The id of the token of these bytes, or −1. @param view of `bytes`, with {@link padding} bytes after `end` */
  find(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const hash = hashRange(view, start, end)
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = hash & mask
    for (let entry = slots[slot]; entry !== free; entry = slots[slot]) {
      if ((entry ^ hash) >>> 22 === 0) {
        const id = entry & idMask
        const length = this.#lengths[id]
        if (length === end - start && equalRanges(this.bytes, this.#starts[id], bytes, start, length)) return id
      }
      slot = (slot + 1) & mask
    }
    return -1
  }

  /** As {@link find}, for bytes without padding. */
  idOf(token: Uint8Array): number {
    const padded = new Uint8Array(token.length + padding)
    padded.set(token)
    return this.find(padded, new DataView(padded.buffer), 0, token.length)
  }

  /** 0 for an id that is not used. */
  lengthOf(id: number): number {
    return this.#lengths[id] ?? 0
  }

  startOf(id: number): number {
    return this.#starts[id]
  }

  /** Not to be written to; undefined for an id that is not used. */
  bytesOf(id: number): Uint8Array | undefined {
    const length = this.lengthOf(id)
    return length === 0 ? undefined : this.bytes.subarray(this.#starts[id], this.#starts[id] + length)
  }

  #areEqual(a: number, b: number): boolean {
    const length = this.#lengths[a]
    return length === this.#lengths[b] && equalRanges(this.bytes, this.#starts[a], this.bytes, this.#starts[b], length)
  }

  /** Makes the table anew, for so many tokens. One loop with nothing called, which is what loading waits for. */
  #index(expected: number): void {
    const slots = new Int32Array(2 ** Math.ceil(Math.log2(1.25 * Math.max(256, expected)))).fill(free)
    const mask = slots.length - 1
    const view = this.#view
    const starts = this.#starts
    const lengths = this.#lengths
    const size = this.size
    let count = 0
    for (let id = 0; id < size; id++) {
      const length = lengths[id]
      if (length === 0) continue
      // As hashRange.
      let hash = length
      let at = starts[id]
      const end = at + length
      for (; at + 4 <= end; at += 4) {
        hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1)
        hash ^= hash >>> 15
      }
      if (at < end) hash = Math.imul(hash ^ (view.getInt32(at, true) & masks[8 + end - at]), 0x9e3779b1)
      hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
      hash ^= hash >>> 13
      let slot = hash & mask
      for (let entry = slots[slot]; entry !== free; entry = slots[slot]) {
        if ((entry ^ hash) >>> 22 === 0 && this.#areEqual(entry & idMask, id)) this.repeated = id
        slot = (slot + 1) & mask
      }
      slots[slot] = (hash & ~idMask) | id
      count++
    }
    this.#slots = slots
    this.#count = count
  }
}

function grown(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const fresh = new Int32Array(length)
  fresh.set(old)
  return fresh
}
