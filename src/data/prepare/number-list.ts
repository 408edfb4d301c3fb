/** Numbers below 2³² in memory that grows. */
export class NumberList {
  #numbers = new Uint32Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Uint32Array(2 * this.#length)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[this.#length++] = number
  }

  /** What was pushed; valid until the next {@link push}. */
  numbers(): Uint32Array {
    return this.#numbers.subarray(0, this.#length)
  }
}
