import { grown } from './piece-table.ts'

/** Numbers distinct pairs of token ids 0, 1, 2, … in order of appearance. */
export class PairTable {
  size = 0
  /** Left and right id of pair p are at `ids[2p]` and `ids[2p + 1]`. */
  ids = new Int32Array(1 << 10)
  /** Number + 1, 0 when free; at most half are taken. */
  #slots: Int32Array

  /** @param expected how many pairs will come, if that is known */
  constructor(expected = 1 << 9) {
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(16, expected * 2 + 2))))
  }

  /** The number of a pair, or −1 when it is not there. */
  find(left: number, right: number): number {
    const mask = this.#slots.length - 1
    let slot = place(left, right) & mask
    for (;;) {
      const pair = this.#slots[slot] - 1
      if (pair < 0 || (this.ids[2 * pair] === left && this.ids[2 * pair + 1] === right)) return pair
      slot = (slot + 1) & mask
    }
  }

  /** The number of a pair; a new one, equal to the former {@link size}, when it was not there. */
  number(left: number, right: number): number {
    const found = this.find(left, right)
    if (found >= 0) return found
    const pair = this.size++
    if (2 * this.size > this.ids.length) this.ids = grown(this.ids, new Int32Array(this.ids.length * 2))
    this.ids[2 * pair] = left
    this.ids[2 * pair + 1] = right
    if (this.size * 2 > this.#slots.length) this.#rehash()
    else this.#insert(this.#slots, pair)
    return pair
  }

  #insert(slots: Int32Array, pair: number): void {
    const mask = slots.length - 1
    let slot = place(this.ids[2 * pair], this.ids[2 * pair + 1]) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = pair + 1
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4)
    for (let pair = 0; pair < this.size; pair++) this.#insert(slots, pair)
    this.#slots = slots
  }
}

function place(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
