const utf8 = new TextEncoder()

/** Texts in UTF-8, one behind another, in memory that grows. */
export class ByteBuffer {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  /** @param room for so many bytes at first; memory that is never touched costs nothing */
  constructor(room: number) {
    this.#bytes = new Uint8Array(room)
  }

  get length(): number {
    return this.#length
  }

  /** Adds a text; a lone surrogate becomes U+FFFD. Returns how many bytes it took. */
  add(text: string): number {
    this.#reserve(3 * text.length)
    const { written } = utf8.encodeInto(text, this.#bytes.subarray(this.#length))
    this.#length += written
    return written
  }

  /** What was added; valid until the next {@link add}. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
