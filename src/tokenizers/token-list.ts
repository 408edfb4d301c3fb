/** Token ids that are being gathered, and, when tracked, the part of the current piece that each stands for. */
export class TokenList {
  #ids: Uint32Array
  #length = 0
  /** Start and end of each token in its piece, in code units; absent when nobody asks for offsets. */
  readonly spans: number[] | undefined

  constructor(options: { tracked: boolean; expected?: number }) {
    this.#ids = new Uint32Array(Math.max(16, options.expected ?? 0))
    this.spans = options.tracked ? [] : undefined
  }

  get length(): number {
    return this.#length
  }

  idAt(place: number): number {
    return this.#ids[place]
  }

  /**
   * @param start where the token begins in its piece, in code units; a token of some bytes of a character has the range
   *   of the whole character
   * @param end where it ends
   */
  push(id: number, start: number, end: number): void {
    if (this.#length === this.#ids.length) {
      const larger = new Uint32Array(this.#length * 2)
      larger.set(this.#ids)
      this.#ids = larger
    }
    this.#ids[this.#length++] = id
    this.spans?.push(start, end)
  }

  /** A copy of the ids; the list is then empty. */
  take(): Uint32Array {
    const ids = this.#ids.slice(0, this.#length)
    this.#length = 0
    if (this.spans !== undefined) this.spans.length = 0
    return ids
  }
}
