type Numbers = Uint16Array | Uint32Array

/** Numbers in memory that grows. */
export class NumberList<A extends Numbers = Uint32Array> {
  #numbers: A
  #length = 0
  readonly #Array: new (
    size: number,
  ) => A

  /** @param NumberArray what they are kept in; larger ones are cut to its bits */
  constructor(NumberArray: new (size: number) => A = Uint32Array as unknown as new (size: number) => A) {
    this.#Array = NumberArray
    this.#numbers = new NumberArray(1024)
  }

  get length(): number {
    return this.#length
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) this.#reserve(1)
    this.#numbers[this.#length++] = number
  }

  pushAll(numbers: Uint32Array): void {
    if (this.#length + numbers.length > this.#numbers.length) this.#reserve(numbers.length)
    this.#numbers.set(numbers, this.#length)
    this.#length += numbers.length
  }

  /** What was pushed; valid until more is. */
  numbers(): A {
    return this.#numbers.subarray(0, this.#length) as A
  }

  #reserve(more: number): void {
    const larger = new this.#Array(Math.max(2 * this.#numbers.length, this.#length + more))
    larger.set(this.#numbers)
    this.#numbers = larger
  }
}
