import { padding } from './byte-hash.ts'

/** Bytes with room to read whole words past their end. */
export class ByteBuffer {
  bytes = new Uint8Array(0)
  view = new DataView(this.bytes.buffer)

  constructor(size: number) {
    this.resize(size)
  }

  get size(): number {
    return this.bytes.length - padding
  }

  /** Keeps what is there and still fits. */
  resize(size: number): void {
    const fresh = new Uint8Array(size + padding)
    fresh.set(this.bytes.subarray(0, size))
    this.bytes = fresh
    this.view = new DataView(fresh.buffer)
  }
}
