import { ContextSums } from './context-sums.ts'

/** How often each n-gram of one order was met, by hash, in a table of fixed size. */
export class CountTable {
  readonly #slots: number
  #hashes: Int32Array
  #contexts: Int32Array
  #counts: Uint32Array
  #size = 0
  /** What n-grams that had to go leave to their contexts: how often they were met. */
  #lost = new ContextSums()
  /** How many n-grams went that were met 1 to 4 times. `[5]` */
  readonly #gone = new Float64Array(5)

  /** @param slots a power of two; three quarters of them are filled at most */
  constructor(slots: number) {
    this.#slots = slots
    // Doubles as it fills, up to all slots.
    const first = Math.min(slots, 1 << 12)
    this.#hashes = new Int32Array(first)
    this.#contexts = new Int32Array(first)
    this.#counts = new Uint32Array(first)
  }

  get size(): number {
    return this.#size
  }

  /** Counts an n-gram once more. @returns whether it is new */
  add(hash: number, context: number): boolean {
    const slot = this.#slot(hash)
    if (this.#counts[slot] > 0) {
      if (this.#counts[slot] < 0xffffffff) this.#counts[slot]++
      return false
    }
    this.#put(slot, hash, context, 1)
    if (4 * this.#size > 3 * this.#hashes.length) this.#makeRoom()
    return true
  }

  /** Leaves out n-grams that were met at most so often. */
  prune(most: number): void {
    this.#rebuild(this.#hashes.length, most)
  }

  /** How many n-grams were met exactly 1, 2, 3 and 4 times, with those that had to go. `[5]`, from 0 on. */
  countsOfCounts(): Float64Array {
    const found = this.#gone.slice()
    for (const count of this.#counts) if (count > 0 && count < 5) found[count]++
    return found
  }

  /** How often n-grams of a context were met that had to go; 0 for contexts of which nothing is left. */
  lost(context: number): number {
    return this.#lost.total(context)
  }

  forEach(visit: (hash: number, context: number, count: number) => void): void {
    for (let slot = 0; slot < this.#counts.length; slot++) {
      if (this.#counts[slot] > 0) visit(this.#hashes[slot], this.#contexts[slot], this.#counts[slot])
    }
  }

  #makeRoom(): void {
    if (this.#hashes.length < this.#slots) this.#rebuild(2 * this.#hashes.length, 0)
    else for (let most = 1; 2 * this.#size > this.#slots; most++) this.#rebuild(this.#slots, most)
  }

  #rebuild(slots: number, most: number): void {
    const [hashes, contexts, counts] = [this.#hashes, this.#contexts, this.#counts]
    this.#hashes = new Int32Array(slots)
    this.#contexts = new Int32Array(slots)
    this.#counts = new Uint32Array(slots)
    this.#size = 0
    const alive = new ContextSums()
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] <= most) continue
      this.#put(this.#slot(hashes[i]), hashes[i], contexts[i], counts[i])
      if (most > 0) alive.add(contexts[i], 0, 0)
    }
    if (most === 0) return
    const lost = new ContextSums()
    this.#lost.forEach((context, total) => {
      if (alive.has(context)) lost.add(context, total, 0)
    })
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] === 0 || counts[i] > most) continue
      if (counts[i] < 5) this.#gone[counts[i]]++
      if (alive.has(contexts[i])) lost.add(contexts[i], counts[i], 0)
    }
    this.#lost = lost
  }

  #put(slot: number, hash: number, context: number, count: number): void {
    this.#hashes[slot] = hash
    this.#contexts[slot] = context
    this.#counts[slot] = count
    this.#size++
  }

  #slot(hash: number): number {
    const mask = this.#hashes.length - 1
    let slot = hash & mask
    while (this.#counts[slot] > 0 && this.#hashes[slot] !== hash) slot = (slot + 1) & mask
    return slot
  }
}
