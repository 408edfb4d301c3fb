/** Documents of a block; blocks are never copied when there is more to keep. */
const blockBits = 12
const blockSize = 1 << blockBits

/** Signatures of all documents, cut to 16 bits a value. */
export class SignatureStore {
  readonly #size: number
  readonly #blocks: Uint16Array[] = []
  #count = 0

  /** @param size values of a signature */
  constructor(size: number) {
    this.#size = size
  }

  get bytes(): number {
    return this.#blocks.length * blockSize * this.#size * 2
  }

  /** @returns the number of the document */
  add(signature: ArrayLike<number>): number {
    const document = this.#count++
    if ((document & (blockSize - 1)) === 0) this.#blocks.push(new Uint16Array(blockSize * this.#size))
    const block = this.#block(document)
    const start = this.#start(document)
    for (let i = 0; i < this.#size; i++) block[start + i] = signature[i]
    return document
  }

  /** Whether two documents agree in `rows` values from `first` on. */
  agree(a: number, b: number, first: number, rows: number): boolean {
    const [blockA, blockB] = [this.#block(a), this.#block(b)]
    const [startA, startB] = [this.#start(a) + first, this.#start(b) + first]
    for (let i = 0; i < rows; i++) if (blockA[startA + i] !== blockB[startB + i]) return false
    return true
  }

  /** The share of values at which two documents agree. */
  similarity(a: number, b: number): number {
    const [blockA, blockB] = [this.#block(a), this.#block(b)]
    const [startA, startB] = [this.#start(a), this.#start(b)]
    let equal = 0
    for (let i = 0; i < this.#size; i++) if (blockA[startA + i] === blockB[startB + i]) equal++
    return equal / this.#size
  }

  /** 32 bits, mixed, of `rows` values from `first` on. */
  hash(document: number, first: number, rows: number): number {
    const block = this.#block(document)
    const start = this.#start(document) + first
    let hash = rows
    for (let i = 0; i < rows; i++) {
      hash = Math.imul(hash ^ block[start + i], 0x2c1b3c6d)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash, 0x297a2d39)
    return (hash ^ (hash >>> 16)) >>> 0
  }

  #block(document: number): Uint16Array {
    return this.#blocks[document >>> blockBits]
  }

  #start(document: number): number {
    return (document & (blockSize - 1)) * this.#size
  }
}
