/** Places are below this; ranks are below 2²², so that both fit into the 53 bits of a number. */
const placeLimit = 2 ** 31

/** A binary heap of places in a piece by rank, then from the left. */
export class PlaceHeap {
  size = 0
  /** rank · 2³¹ + place */
  #entries = new Float64Array(64)

  get topRank(): number {
    return Math.floor(this.#entries[0] / placeLimit)
  }

  /** Whether the top comes before this. */
  isBefore(rank: number, place: number): boolean {
    return this.#entries[0] < rank * placeLimit + place
  }

  push(rank: number, place: number): void {
    if (this.size === this.#entries.length) {
      const larger = new Float64Array(2 * this.size)
      larger.set(this.#entries)
      this.#entries = larger
    }
    const entries = this.#entries
    const value = rank * placeLimit + place
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (entries[parent] <= value) break
      entries[at] = entries[parent]
      at = parent
    }
    entries[at] = value
  }

  /** Takes the top; its place. */
  pop(): number {
    const entries = this.#entries
    const top = entries[0]
    const value = entries[--this.size]
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.size) break
      if (child + 1 < this.size && entries[child + 1] < entries[child]) child++
      if (entries[child] >= value) break
      entries[at] = entries[child]
      at = child
    }
    entries[at] = value
    return top % placeLimit
  }
}
