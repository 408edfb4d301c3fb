/** Gives equal triples of whole numbers equal ids: 0, 1, 2, … in the order in which they come. */
export class Triples {
  #columns = new Int32Array(3 * 1024)
  /** Places of ids by hash, plus one; 0 is free. A power of two, at least twice as many as ids. */
  #table = new Int32Array(4096)
  #count = 0

  get count(): number {
    return this.#count
  }

  first(id: number): number {
    return this.#columns[3 * id]
  }

  second(id: number): number {
    return this.#columns[3 * id + 1]
  }

  third(id: number): number {
    return this.#columns[3 * id + 2]
  }

  idOf(a: number, b: number, c: number): number {
    const columns = this.#columns
    const mask = this.#table.length - 1
    let place = hash(a, b, c) & mask
    for (; this.#table[place] !== 0; place = (place + 1) & mask) {
      const id = this.#table[place] - 1
      if (columns[3 * id] === a && columns[3 * id + 1] === b && columns[3 * id + 2] === c) return id
    }
    const id = this.#count++
    if (3 * id >= columns.length) {
      this.#columns = new Int32Array(2 * columns.length)
      this.#columns.set(columns)
    }
    this.#columns[3 * id] = a
    this.#columns[3 * id + 1] = b
    this.#columns[3 * id + 2] = c
    this.#table[place] = id + 1
    if (2 * this.#count > this.#table.length) this.#rehash()
    return id
  }

  #rehash(): void {
    const table = new Int32Array(2 * this.#table.length)
    const mask = table.length - 1
    for (let id = 0; id < this.#count; id++) {
      let place = hash(this.first(id), this.second(id), this.third(id)) & mask
      while (table[place] !== 0) place = (place + 1) & mask
      table[place] = id + 1
    }
    this.#table = table
  }
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ b, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 13) ^ c, 0x27d4eb2f)
  return h ^ (h >>> 16)
}
