import { grown } from './key-table.ts'

/** Sets of documents that are put together two by two (union-find); each set is named by its first document. */
export class Clusters {
  #count = 0
  /** A document of the same set with a smaller number; itself for the first. */
  #parents = new Uint32Array(0)

  get bytes(): number {
    return this.#parents.byteLength
  }

  /** A further document, in a set of its own. */
  add(): void {
    if (this.#count === this.#parents.length) this.#parents = grown(this.#parents, Math.ceil(1.5 * this.#count))
    this.#parents[this.#count] = this.#count
    this.#count++
  }

  together(a: number, b: number): boolean {
    return this.#first(a) === this.#first(b)
  }

  unite(a: number, b: number): void {
    const [firstA, firstB] = [this.#first(a), this.#first(b)]
    this.#parents[Math.max(firstA, firstB)] = Math.min(firstA, firstB)
  }

  /** The first document of each document's set, and how many sets have more than one. */
  finish(): { repeats: Uint32Array; clusters: number } {
    const repeats = this.#parents.slice(0, this.#count)
    let clusters = 0
    const counted = new Uint8Array(this.#count)
    for (let i = 0; i < this.#count; i++) {
      repeats[i] = this.#first(i)
      if (repeats[i] === i || counted[repeats[i]] === 1) continue
      counted[repeats[i]] = 1
      clusters++
    }
    return { repeats, clusters }
  }

  #first(document: number): number {
    const parents = this.#parents
    let at = document
    while (parents[at] !== at) at = parents[at] = parents[parents[at]]
    return at
  }
}
