import { equalWords, hashRange, hashWords, masks, padding, threeWords } from './byte-hash.ts'

/** Values below this are one token's id; from it on, a place in {@link PieceCache.lists} plus this. */
export const listed: number = 1 << 22

/** Longer ones than this come back too rarely to be remembered. */
export const longestCached = 64

/** Bounds of what is remembered; about 30 MB in all. Past one of them everything is forgotten. */
const mostShort = 1 << 19
const mostLong = 1 << 18
const mostListed = 1 << 22
const mostBytes = 1 << 23

/** What pieces of bytes became. */
export class PieceCache {
  /** For each piece of several tokens their number and their ids. */
  lists = new Int32Array(1 << 10)
  #listed = 0
  /** Entries of four words: 12 bytes of the piece, and length · 2²⁸ + value, 0 when free. At most two thirds are taken. */
  #short = new Int32Array(4 << 10)
  #shortCount = 0
  /** Entries of four words: hash, where the bytes are, length, value; length 0 when free. */
  #long = new Int32Array(4 << 9)
  #longCount = 0
  #bytes = new Uint8Array(1 << 12)
  #view = new DataView(this.#bytes.buffer)
  #used = 0

  /** The value of a piece of up to {@link longestCached} bytes, or −1. @param view with padding after `end` */
  find(view: DataView, at: number, end: number): number {
    const length = end - at
    if (length > threeWords) return this.#findLong(view, at, end)
    const a = view.getInt32(at, true) & masks[8 + length]
    const b = view.getInt32(at + 4, true) & masks[4 + length]
    const c = view.getInt32(at + 8, true) & masks[length]
    const table = this.#short
    let slot = (hashWords(a, b, c, length) << 2) & (table.length - 1)
    for (;;) {
      const value = table[slot + 3]
      if (value >>> 28 === length && table[slot] === a && table[slot + 1] === b && table[slot + 2] === c) {
        return value & 0xfffffff
      }
      if (value === 0) return -1
      slot = (slot + 4) & (table.length - 1)
    }
  }

  /** Remembers a piece that is not there. @returns its value */
  add(bytes: Uint8Array, view: DataView, at: number, end: number, ids: Int32Array, count: number): number {
    if (this.#isFull()) this.#forget()
    const value = count === 1 ? ids[0] : this.#list(ids, count)
    const length = end - at
    if (length > threeWords) {
      this.#addLong(bytes, view, at, end, value)
      return value
    }
    if (6 * ++this.#shortCount > this.#short.length) this.#growShort()
    this.#putShort(
      view.getInt32(at, true) & masks[8 + length],
      view.getInt32(at + 4, true) & masks[4 + length],
      view.getInt32(at + 8, true) & masks[length],
      (length << 28) | value,
    )
    return value
  }

  #findLong(view: DataView, at: number, end: number): number {
    const hash = hashRange(view, at, end)
    const table = this.#long
    const length = end - at
    let slot = (hash << 2) & (table.length - 1)
    for (; table[slot + 2] !== 0; slot = (slot + 4) & (table.length - 1)) {
      if (table[slot] !== hash || table[slot + 2] !== length) continue
      if (equalWords(this.#view, table[slot + 1], view, at, length)) return table[slot + 3]
    }
    return -1
  }

  #list(ids: Int32Array, count: number): number {
    const start = this.#listed
    if (start + count + 1 > this.lists.length) this.lists = grown(this.lists, 2)
    this.lists[start] = count
    for (let i = 0; i < count; i++) this.lists[start + 1 + i] = ids[i]
    this.#listed += count + 1
    return listed + start
  }

  #addLong(bytes: Uint8Array, view: DataView, at: number, end: number, value: number): void {
    if (2 * ++this.#longCount > this.#long.length >> 2) this.#growLong()
    const length = end - at
    if (this.#used + length + padding > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    for (let i = 0; i < length; i++) this.#bytes[this.#used + i] = bytes[at + i]
    this.#putLong(hashRange(view, at, end), this.#used, length, value)
    this.#used += length
  }

  #putShort(a: number, b: number, c: number, value: number): void {
    const table = this.#short
    let slot = (hashWords(a, b, c, value >>> 28) << 2) & (table.length - 1)
    while (table[slot + 3] !== 0) slot = (slot + 4) & (table.length - 1)
    table[slot] = a
    table[slot + 1] = b
    table[slot + 2] = c
    table[slot + 3] = value
  }

  #putLong(hash: number, start: number, length: number, value: number): void {
    const table = this.#long
    let slot = (hash << 2) & (table.length - 1)
    while (table[slot + 2] !== 0) slot = (slot + 4) & (table.length - 1)
    table[slot] = hash
    table[slot + 1] = start
    table[slot + 2] = length
    table[slot + 3] = value
  }

  #growShort(): void {
    const old = this.#short
    this.#short = new Int32Array(old.length * 2)
    for (let i = 0; i < old.length; i += 4) {
      if (old[i + 3] !== 0) this.#putShort(old[i], old[i + 1], old[i + 2], old[i + 3])
    }
  }

  #growLong(): void {
    const old = this.#long
    this.#long = new Int32Array(old.length * 2)
    for (let i = 0; i < old.length; i += 4) {
      if (old[i + 2] !== 0) this.#putLong(old[i], old[i + 1], old[i + 2], old[i + 3])
    }
  }

  #isFull(): boolean {
    return (
      3 * this.#shortCount > 2 * mostShort - 3 ||
      this.#longCount === mostLong / 2 ||
      this.#listed + longestCached + 1 > mostListed ||
      this.#used + longestCached > mostBytes
    )
  }

  /** Keeps the memory. */
  #forget(): void {
    this.#short.fill(0)
    this.#long.fill(0)
    this.#shortCount = 0
    this.#longCount = 0
    this.#listed = 0
    this.#used = 0
  }
}

function grown(old: Int32Array, times: number): Int32Array<ArrayBuffer> {
  const fresh = new Int32Array(old.length * times)
  fresh.set(old)
  return fresh
}
