/**
 * Strings as paths of code units from a node, to find the longest one that a text goes on with. One hash table holds the
 * children of all nodes, so memory grows with the code units of all strings, whatever their alphabet.
 */
export class UnitTrie {
  /** The node from which all paths begin. */
  static readonly root = 0
  #size = 1
  /** Value + 1 of the string that ends at a node, 0 for none. */
  #values = new Int32Array(1 << 10)
  /** Parent, code unit and child of each slot, and one unused; the child is 0 when the slot is free, half are at least. */
  #slots = new Int32Array(4 << 11)

  /** The node of a string; makes the path to it when there is none. */
  node(string: string): number {
    let node = UnitTrie.root
    for (let i = 0; i < string.length; i++) {
      const unit = string.charCodeAt(i)
      node = this.next(node, unit) || this.#insert(node, unit)
    }
    return node
  }

  /** Gives a string a value, 0 or more. */
  set(string: string, value: number): void {
    // First: making the path can replace the array.
    const node = this.node(string)
    this.#values[node] = value + 1
  }

  /** The child of a node, or 0 when there is none. */
  next(node: number, unit: number): number {
    const slots = this.#slots
    const last = slots.length - 4
    for (let at = place(node, unit) & last; ; at = (at + 4) & last) {
      const child = slots[at + 2]
      if (child === 0 || (slots[at] === node && slots[at + 1] === unit)) return child
    }
  }

  /** The value of the string that ends at a node, or −1. */
  valueAt(node: number): number {
    return this.#values[node] - 1
  }

  #insert(parent: number, unit: number): number {
    const child = this.#size++
    if (child === this.#values.length) {
      const values = new Int32Array(2 * child)
      values.set(this.#values)
      this.#values = values
    }
    if (8 * this.#size > this.#slots.length) {
      const old = this.#slots
      this.#slots = new Int32Array(4 * old.length)
      for (let at = 0; at < old.length; at += 4) if (old[at + 2] !== 0) this.#put(old[at], old[at + 1], old[at + 2])
    }
    this.#put(parent, unit, child)
    return child
  }

  #put(parent: number, unit: number, child: number): void {
    const last = this.#slots.length - 4
    let at = place(parent, unit) & last
    while (this.#slots[at + 2] !== 0) at = (at + 4) & last
    this.#slots[at] = parent
    this.#slots[at + 1] = unit
    this.#slots[at + 2] = child
  }
}

function place(node: number, unit: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) << 2
}
