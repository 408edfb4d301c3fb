import type { ByteBuffer } from '../models/bpe/byte-buffer.ts'
import { equalRanges, hashRange } from '../models/bpe/byte-hash.ts'
import { type ByteWindow, byteWindow } from '../models/bpe/byte-window.ts'
import { grown } from '../piece-table.ts'
import type { Scanner } from '../stages.ts'

/** Distinct pieces of a text, as a scanner cuts it, in the order in which they appear, and how often each occurs. */
export class BytePieceCounts {
  /** Pieces in all. */
  total = 0
  /** Distinct pieces. */
  size = 0
  /** Takes the text. */
  readonly window: ByteWindow
  /** All pieces one after another; piece p is at `starts[p]` up to `starts[p + 1]`. */
  bytes = new Uint8Array(1 << 16)
  starts = new Int32Array(1 << 10)
  counts = new Float64Array(1 << 10)
  /** Entries of four words: hash, where the bytes are, length, piece; length 0 when free. At most half are taken. */
  #table = new Int32Array(4 << 11)

  constructor(scanner: Scanner) {
    this.window = byteWindow(({ bytes, view }: ByteBuffer, filled, last) => {
      let at = 0
      while (at < filled) {
        const end = scanner.end(bytes, at, filled, last)
        if (end < 0) break
        this.#add(bytes, view, at, end)
        at = end
      }
      return at
    })
  }

  #add(bytes: Uint8Array, view: DataView, at: number, end: number): void {
    this.total++
    const hash = hashRange(view, at, end)
    const length = end - at
    const table = this.#table
    let slot = (hash << 2) & (table.length - 1)
    for (; table[slot + 2] !== 0; slot = (slot + 4) & (table.length - 1)) {
      if (table[slot] !== hash || table[slot + 2] !== length) continue
      if (!equalRanges(this.bytes, table[slot + 1], bytes, at, length)) continue
      this.counts[table[slot + 3]]++
      return
    }
    table[slot] = hash
    table[slot + 1] = this.starts[this.size]
    table[slot + 2] = length
    table[slot + 3] = this.size
    this.#append(bytes.subarray(at, end))
    if (8 * this.size > table.length) this.#grow()
  }

  #append(piece: Uint8Array): void {
    const start = this.starts[this.size]
    const end = start + piece.length
    if (end > this.bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.bytes.length * 2))
      larger.set(this.bytes)
      this.bytes = larger
    }
    this.bytes.set(piece, start)
    this.counts[this.size++] = 1
    if (this.size + 1 >= this.starts.length) {
      this.starts = grown(this.starts, new Int32Array(this.starts.length * 2))
      this.counts = grown(this.counts, new Float64Array(this.counts.length * 2))
    }
    this.starts[this.size] = end
  }

  #grow(): void {
    const old = this.#table
    const table = new Int32Array(old.length * 4)
    for (let i = 0; i < old.length; i += 4) {
      if (old[i + 2] === 0) continue
      let slot = (old[i] << 2) & (table.length - 1)
      while (table[slot + 2] !== 0) slot = (slot + 4) & (table.length - 1)
      table.set(old.subarray(i, i + 4), slot)
    }
    this.#table = table
  }
}
