import { ConfigError } from '../../base/index.ts'

const leastSlots = 1 << 10
/** Typed arrays of slots end here; half a billion keys take 10 GB. */
const mostSlots = 2 ** 30

/**
 * Numbers keys of 64 bits in the order in which they come: 0, 1, 2, … Open addressing over typed arrays: 8 bytes a key,
 * and 4 bytes a slot of which between three and six eighths are in use. What belongs to a key lies in arrays beside it.
 */
export class KeyTable {
  #count = 0
  /** Number of the key + 1; 0 where nothing is. */
  #slots = new Uint32Array(leastSlots)
  #keys = new Uint32Array(leastSlots)

  get count(): number {
    return this.#count
  }

  /** The number of a key, −1 when it is not there. */
  find(high: number, low: number): number {
    return this.#slots[this.#slotOf(high, low)] - 1
  }

  /** The number of a key; a new one gets the next. */
  number(high: number, low: number): number {
    const slot = this.#slotOf(high, low)
    if (this.#slots[slot] > 0) return this.#slots[slot] - 1
    const number = this.#count++
    if (2 * number >= this.#keys.length) this.#keys = grown(this.#keys, 3 * number)
    this.#keys[2 * number] = high
    this.#keys[2 * number + 1] = low
    this.#slots[slot] = this.#count
    if (4 * this.#count > 3 * this.#slots.length) this.#rehash()
    return number
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1
    for (let slot = (low ^ (high >>> 7)) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]
      if (number === 0) return slot
      if (this.#keys[2 * number - 2] === high && this.#keys[2 * number - 1] === low) return slot
    }
  }

  #rehash(): void {
    if (this.#slots.length >= mostSlots) {
      throw new ConfigError(
        `deduplication: ${this.#count} different keys are more than a table holds; use fewer documents`,
      )
    }
    this.#slots = new Uint32Array(2 * this.#slots.length)
    for (let i = 0; i < this.#count; i++) this.#slots[this.#slotOf(this.#keys[2 * i], this.#keys[2 * i + 1])] = i + 1
  }
}

/** The same numbers with room for at least `size`. */
export function grown(array: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(size, leastSlots))
  larger.set(array)
  return larger
}
