import { equalWords, hashRange, hashWords, masks, padding, threeWords } from './byte-hash.ts'

/** Ids are below this. Holes in a vocabulary cost memory, so a hostile file must not make many. */
export const idLimit: number = (1 << 22) - 1

const idMask = (1 << 22) - 1
const free = -1
/** After so many searches among tokens that stay the same, a larger table has been paid for. */
export const manySearches: number = 1 << 17

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
  /** Where each token begins, and its length, which is 0 for an id that is not used. */
  #places = new Int32Array(1 << 9)
  /** Id in the low 22 bits, the hash in the others; at most four fifths are taken. */
  #slots = new Int32Array(1 << 9).fill(free)
  #count = 0
  /** How many searches went through {@link #slots} since it changed; {@link manySearches} pay for {@link #short}. */
  #searches = 0
  /** Entries of four words: a token of up to 12 bytes, and length · 2²⁸ + id, 0 when free. Empty until it pays. */
  #short = new Int32Array(0)
  /** A bit for each hash that is taken; most of what is looked up while merging is no token, and ends here. */
  #taken = new Int32Array(1 << 7)

  /**
   * All tokens at once.
   *
   * @param bytes with {@link padding} bytes to spare
   * @param places where each token begins, and its length, 0 for an id that is not used
   * @param size one more than the highest id
   */
  static of(bytes: Uint8Array<ArrayBuffer>, places: Int32Array<ArrayBuffer>, size: number): TokenBytes {
    const tokens = new TokenBytes()
    tokens.bytes = bytes
    tokens.#view = new DataView(bytes.buffer)
    tokens.#places = places
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
    const known = this.find(this.#view, start, end)
    if (known >= 0) return known
    if (2 * id >= this.#places.length) {
      this.#places = grown(this.#places, Math.max(2 * id + 2, this.#places.length * 2))
    }
    this.#places[2 * id] = start
    this.#places[2 * id + 1] = token.length
    this.#used = end
    this.#searches = 0
    if (this.#short.length > 0) this.#short = new Int32Array(0)
    if (id >= this.size) this.size = id + 1
    if (++this.#count * 2 > this.#slots.length) this.#index(2 * this.#count)
    else this.#insert(id, id + 1)
    return id
  }

  /** The id of the token of these bytes, or −1. @param view with {@link padding} bytes after `end` */
  find(view: DataView, start: number, end: number): number {
    const length = end - start
    if (length > threeWords) return this.#findLong(view, start, length)
    const a = view.getInt32(start, true) & masks[8 + length]
    const b = view.getInt32(start + 4, true) & masks[4 + length]
    const c = view.getInt32(start + 8, true) & masks[length]
    const hash = hashWords(a, b, c, length)
    const taken = this.#taken
    if (((taken[(hash >>> 16) & (taken.length - 1)] >>> (hash >>> 11)) & 1) === 0) return -1
    const table = this.#short
    if (table.length === 0) return this.#search(view, start, length, hash)
    const last = table.length - 1
    for (let slot = (hash << 2) & last; ; slot = (slot + 4) & last) {
      const value = table[slot + 3]
      if (value === 0) return -1
      if (value >>> 28 === length && table[slot] === a && table[slot + 1] === b && table[slot + 2] === c) {
        return value & idMask
      }
    }
  }

  #findLong(view: DataView, start: number, length: number): number {
    const hash = hashRange(view, start, start + length)
    const taken = this.#taken
    if (((taken[(hash >>> 16) & (taken.length - 1)] >>> (hash >>> 11)) & 1) === 0) return -1
    return this.#search(view, start, length, hash)
  }

  #search(view: DataView, start: number, length: number, hash: number): number {
    if (++this.#searches === manySearches) this.#indexShort()
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = hash & mask; slots[slot] !== free; slot = (slot + 1) & mask) {
      if ((slots[slot] ^ hash) >>> 22 !== 0) continue
      const id = slots[slot] & idMask
      if (this.#places[2 * id + 1] === length && equalWords(this.#view, this.#places[2 * id], view, start, length)) {
        return id
      }
    }
    return -1
  }

  /** As {@link find}, for bytes without padding. */
  idOf(token: Uint8Array): number {
    const padded = new Uint8Array(token.length + padding)
    padded.set(token)
    return this.find(new DataView(padded.buffer), 0, token.length)
  }

  /** 0 for an id that is not used. */
  lengthOf(id: number): number {
    return this.#places[2 * id + 1] ?? 0
  }

  startOf(id: number): number {
    return this.#places[2 * id]
  }

  /** Not to be written to; undefined for an id that is not used. */
  bytesOf(id: number): Uint8Array | undefined {
    const length = this.lengthOf(id)
    return length === 0 ? undefined : this.bytes.subarray(this.startOf(id), this.startOf(id) + length)
  }

  /** Makes the tables anew, for so many tokens. */
  #index(expected: number): void {
    const size = 2 ** Math.ceil(Math.log2(1.25 * Math.max(256, expected)))
    this.#slots = new Int32Array(size).fill(free)
    this.#taken = new Int32Array(size >> 2)
    this.#insert(0, this.size)
  }

  /** Puts tokens into the tables. Loading waits for this loop, so nothing is called for short tokens. */
  #insert(first: number, end: number): void {
    const view = this.#view
    const places = this.#places
    const slots = this.#slots
    const mask = slots.length - 1
    const taken = this.#taken
    const lastTaken = taken.length - 1
    let count = 0
    for (let id = first; id < end; id++) {
      const start = places[2 * id]
      const length = places[2 * id + 1]
      if (length === 0) continue
      let hash: number
      if (length > threeWords) {
        hash = hashRange(view, start, start + length)
      } else {
        // As hashWords.
        const a = view.getInt32(start, true) & masks[8 + length]
        const b = view.getInt32(start + 4, true) & masks[4 + length]
        const c = view.getInt32(start + 8, true) & masks[length]
        hash = Math.imul(Math.imul(Math.imul(a ^ length, 0x9e3779b1) ^ b, 0x85ebca6b) ^ c, 0xc2b2ae35)
        hash ^= hash >>> 15
      }
      let slot = hash & mask
      for (let entry = slots[slot]; entry !== free; entry = slots[slot]) {
        if ((entry ^ hash) >>> 22 === 0 && this.#areEqual(entry & idMask, id)) this.repeated = id
        slot = (slot + 1) & mask
      }
      slots[slot] = (hash & ~idMask) | id
      taken[(hash >>> 16) & lastTaken] |= 1 << (hash >>> 11)
      count++
    }
    if (first === 0) this.#count = count
  }

  /** A table in which short tokens are their own keys, so that finding one reads one line of memory. */
  #indexShort(): void {
    const view = this.#view
    const places = this.#places
    const table = new Int32Array(4 * 2 ** Math.ceil(Math.log2(1.25 * Math.max(256, this.#count))))
    const last = table.length - 1
    for (let id = 0; id < this.size; id++) {
      const start = places[2 * id]
      const length = places[2 * id + 1]
      if (length === 0 || length > threeWords) continue
      const a = view.getInt32(start, true) & masks[8 + length]
      const b = view.getInt32(start + 4, true) & masks[4 + length]
      const c = view.getInt32(start + 8, true) & masks[length]
      let slot = (hashWords(a, b, c, length) << 2) & last
      while (table[slot + 3] !== 0) slot = (slot + 4) & last
      table[slot] = a
      table[slot + 1] = b
      table[slot + 2] = c
      table[slot + 3] = (length << 28) | id
    }
    this.#short = table
  }

  #areEqual(a: number, b: number): boolean {
    const length = this.lengthOf(a)
    return length === this.lengthOf(b) && equalWords(this.#view, this.startOf(a), this.#view, this.startOf(b), length)
  }
}

function grown(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const fresh = new Int32Array(length)
  fresh.set(old)
  return fresh
}
