/** What is known of contexts while a model is made of counts, by hash: typed arrays, since there are millions. */
export class ContextSums {
  #size = 0
  #used = new Uint8Array(1 << 10)
  #hashes = new Int32Array(1 << 10)
  /** How often anything was met in the context. */
  #totals = new Float64Array(1 << 10)
  /** What of it is left to shorter contexts. */
  #rests = new Float64Array(1 << 10)

  get size(): number {
    return this.#size
  }

  add(hash: number, total: number, rest: number): void {
    const slot = this.#slot(hash)
    this.#totals[slot] += total
    this.#rests[slot] += rest
    if (this.#used[slot] === 1) return
    this.#used[slot] = 1
    this.#hashes[slot] = hash
    if (2 * ++this.#size > this.#used.length) this.#grow()
  }

  has(hash: number): boolean {
    return this.#used[this.#slot(hash)] === 1
  }

  /** 0 for what is no context. */
  total(hash: number): number {
    return this.#totals[this.#slot(hash)]
  }

  /** The share that is left to shorter contexts; 1 for what is no context. */
  rest(hash: number): number {
    const slot = this.#slot(hash)
    return this.#used[slot] === 1 ? this.#rests[slot] / this.#totals[slot] : 1
  }

  forEach(visit: (hash: number, total: number) => void): void {
    for (let slot = 0; slot < this.#used.length; slot++) {
      if (this.#used[slot] === 1) visit(this.#hashes[slot], this.#totals[slot])
    }
  }

  #grow(): void {
    const [used, hashes, totals, rests] = [this.#used, this.#hashes, this.#totals, this.#rests]
    const slots = 2 * used.length
    this.#used = new Uint8Array(slots)
    this.#hashes = new Int32Array(slots)
    this.#totals = new Float64Array(slots)
    this.#rests = new Float64Array(slots)
    for (let i = 0; i < used.length; i++) {
      if (used[i] === 0) continue
      const slot = this.#slot(hashes[i])
      this.#used[slot] = 1
      this.#hashes[slot] = hashes[i]
      this.#totals[slot] = totals[i]
      this.#rests[slot] = rests[i]
    }
  }

  #slot(hash: number): number {
    const mask = this.#used.length - 1
    let slot = hash & mask
    while (this.#used[slot] === 1 && this.#hashes[slot] !== hash) slot = (slot + 1) & mask
    return slot
  }
}
