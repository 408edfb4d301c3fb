import type { SignatureStore } from './signature-store.ts'

/** Documents of one key that later ones are compared with; a bound on the work that many unlike documents of one band make. */
const mostOfKey = 8
const firstSize = 1 << 8

/**
 * Which documents have which values in one band. Open addressing; a slot holds the number of a document, whose values are
 * in the store, and 8 bits of their hash, so that other keys are told apart without a look into the store.
 */
export class BandTable {
  readonly #store: SignatureStore
  readonly #first: number
  readonly #rows: number
  #count = 0
  /** Number of a document + 1; 0 where nothing is. */
  #slots = new Uint32Array(firstSize)
  #tags = new Uint8Array(firstSize)

  /** @param first, rows which values of a signature are the band */
  constructor(store: SignatureStore, first: number, rows: number) {
    this.#store = store
    this.#first = first
    this.#rows = rows
  }

  get bytes(): number {
    return 5 * this.#slots.length
  }

  /**
   * Shows a document those with the same values; it is kept for later ones if none of them is accepted as similar. So a key
   * has one document, and more only where verification tells them apart.
   */
  add(document: number, accept: (other: number) => boolean): void {
    const hash = this.#store.hash(document, this.#first, this.#rows)
    const tag = hash & 0xff
    const slots = this.#slots
    let accepted = false
    let ofKey = 0
    let slot = this.#home(hash)
    for (; slots[slot] > 0; slot = slot + 1 === slots.length ? 0 : slot + 1) {
      if (this.#tags[slot] !== tag) continue
      const other = slots[slot] - 1
      if (!this.#store.agree(document, other, this.#first, this.#rows)) continue
      if (accept(other)) accepted = true
      ofKey++
    }
    if (accepted || ofKey >= mostOfKey) return
    slots[slot] = document + 1
    this.#tags[slot] = tag
    if (4 * ++this.#count > 3 * slots.length) this.#grow()
  }

  /** The high bits of the hash as a fraction of the table, whose size is no power of two. */
  #home(hash: number): number {
    return Math.floor((hash / 0x100000000) * this.#slots.length)
  }

  /** By half: more would leave more memory empty. Documents of one key keep their order. */
  #grow(): void {
    const [before, tags] = [this.#slots, this.#tags]
    const size = Math.ceil(1.5 * before.length)
    this.#slots = new Uint32Array(size)
    this.#tags = new Uint8Array(size)
    // From behind a free slot, so that runs that go round the end are met in their order.
    const start = before.indexOf(0)
    for (let i = 0; i < before.length; i++) {
      const at = (start + i) % before.length
      if (before[at] === 0) continue
      let slot = this.#home(this.#store.hash(before[at] - 1, this.#first, this.#rows))
      while (this.#slots[slot] > 0) slot = slot + 1 === size ? 0 : slot + 1
      this.#slots[slot] = before[at]
      this.#tags[slot] = tags[at]
    }
  }
}
