import { FormatError } from '../../../base/index.ts'

/** Reads little-endian numbers one after another, and says where a file is not what it promises. */
export class Cursor {
  readonly name: string
  readonly #bytes: Uint8Array<ArrayBufferLike>
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array, name: string) {
    this.name = name
    // Of a Buffer, slices would be views.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** The error that something at a place of the file is wrong. */
  wrong(what: string, at = this.#at): FormatError {
    return new FormatError(`${this.name}: byte ${at}: ${what}`)
  }

  int32(what: string): number {
    return this.#view.getInt32(this.#take(4, what), true)
  }

  /** A count that 53 bits hold. */
  int64(what: string): number {
    const at = this.#at
    const value = Number(this.#view.getBigInt64(this.#take(8, what), true))
    if (!Number.isSafeInteger(value)) throw this.wrong(`${what} is ${value}, which no model has`, at)
    return value
  }

  float64(what: string): number {
    return this.#view.getFloat64(this.#take(8, what), true)
  }

  byte(what: string): number {
    return this.#bytes[this.#take(1, what)]
  }

  flag(what: string): boolean {
    const value = this.byte(what)
    if (value > 1) throw this.wrong(`${what} is ${value}, expected 0 or 1`, this.#at - 1)
    return value === 1
  }

  /** A copy of the next `count` bytes. */
  bytes(count: number, what: string): Uint8Array<ArrayBuffer> {
    const at = this.#take(count, what)
    return new Uint8Array(this.#bytes.subarray(at, at + count))
  }

  /** `count` finite numbers. */
  floats(count: number, what: string): Float32Array {
    const at = this.#at
    const bytes = this.bytes(4 * count, what)
    // Machines that Alippe runs on are little-endian, as its files are.
    const values = new Float32Array(bytes.buffer)
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(values[i])) throw this.wrong(`${what} holds ${values[i]}`, at + 4 * i)
    }
    return values
  }

  /** Bytes up to a zero, which is passed over. */
  zeroTerminated(what: string): Uint8Array {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0) throw this.wrong(`${what} has no end`)
    const at = this.#at
    this.#at = end + 1
    return this.#bytes.subarray(at, end)
  }

  #take(count: number, what: string): number {
    if (!(count >= 0 && count <= this.left)) {
      throw this.wrong(`${what} needs ${count} bytes, but ${this.left} are left`)
    }
    const at = this.#at
    this.#at += count
    return at
  }
}
