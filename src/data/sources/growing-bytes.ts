/**
 * Bytes that wait for more: a record whose end has not come. Room doubles, and what was taken from the front is used
 * again, so that a byte is copied a few times at most, however small the chunks are.
 */
export class GrowingBytes {
  #room = new Uint8Array(1 << 16)
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  push(chunk: Uint8Array): void {
    const needed = this.length + chunk.length
    if (this.#end + chunk.length > this.#room.length) {
      // Moving is paid for by what was taken from the front.
      if (needed <= this.#room.length && this.#start >= this.length) {
        this.#room.copyWithin(0, this.#start, this.#end)
      } else {
        const room = new Uint8Array(Math.max(2 * this.#room.length, 2 * needed))
        room.set(this.bytes())
        this.#room = room
      }
      this.#end -= this.#start
      this.#start = 0
    }
    this.#room.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** What is there, to be used before the next push. */
  bytes(): Uint8Array {
    return this.#room.subarray(this.#start, this.#end)
  }

  /** Takes so many bytes from the front. */
  drop(count: number): void {
    this.#start += count
    if (this.#start < this.#end) return
    this.#start = this.#end = 0
    // A record that was large gives its room back.
    if (this.#room.length > 1 << 24) this.#room = new Uint8Array(1 << 16)
  }
}
