/**
 * Numbers distinct pieces 0, 1, 2, … in order of appearance. A hash table over code units: looking up a range of a
 * string makes no substring, which is what makes counting and caching pieces fast.
 */
export class PieceTable {
  /** Distinct pieces so far. */
  size = 0
  /** Code units of all pieces, one after another; piece p is at `starts[p]` up to `starts[p + 1]`. */
  units = new Uint16Array(1 << 12)
  starts = new Int32Array(1 << 10)
  #hashes = new Int32Array(1 << 10)
  /** Number + 1 of the piece in each slot, 0 when free; at most half are taken. */
  #slots = new Int32Array(1 << 11)

  /** The number of the piece `text[start, end)`; a new one, equal to the former {@link size}, when it was not there. */
  number(text: string, start: number, end: number): number {
    let hash = 0x811c9dc5 | 0
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    hash ^= hash >>> 15
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let found = this.#slots[slot]; found !== 0; found = this.#slots[slot]) {
      if (this.#hashes[found - 1] === hash && this.#equals(found - 1, text, start, end)) return found - 1
      slot = (slot + 1) & mask
    }
    this.#slots[slot] = this.size + 1
    return this.#add(hash, text, start, end)
  }

  /** Forgets everything and keeps the memory. */
  clear(): void {
    this.size = 0
    this.#slots.fill(0)
  }

  #equals(piece: number, text: string, start: number, end: number): boolean {
    const from = this.starts[piece]
    if (this.starts[piece + 1] - from !== end - start) return false
    for (let i = start, j = from; i < end; i++, j++) if (this.units[j] !== text.charCodeAt(i)) return false
    return true
  }

  #add(hash: number, text: string, start: number, end: number): number {
    const piece = this.size++
    const from = this.starts[piece]
    const to = from + end - start
    if (to > this.units.length) this.units = grown(this.units, new Uint16Array(Math.max(to, this.units.length * 2)))
    if (piece + 2 > this.starts.length) {
      this.starts = grown(this.starts, new Int32Array(this.starts.length * 2))
      this.#hashes = grown(this.#hashes, new Int32Array(this.starts.length))
    }
    for (let i = start, j = from; i < end; i++, j++) this.units[j] = text.charCodeAt(i)
    this.starts[piece + 1] = to
    this.#hashes[piece] = hash
    if (this.size * 2 > this.#slots.length) this.#rehash()
    return piece
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4)
    const mask = slots.length - 1
    for (let piece = 0; piece < this.size; piece++) {
      let slot = this.#hashes[piece] & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = piece + 1
    }
    this.#slots = slots
  }
}

/** Copies `old` into the larger `fresh`. */
export function grown<A extends Uint16Array | Int32Array | Uint32Array | Float64Array>(old: A, fresh: A): A {
  fresh.set(old)
  return fresh
}
