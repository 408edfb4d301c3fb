import { padding } from './byte-hash.ts'
import { mergePiece } from './merge.ts'
import type { PairRanks } from './pair-ranks.ts'
import { longestCached, PieceCache } from './piece-cache.ts'
import type { TokenBytes } from './token-bytes.ts'

/** Merges the first `count` of `ids` in their place; how many are left. */
export type MergePiece = (pairs: PairRanks, ids: Int32Array, count: number) => number

/** Turns pieces of UTF-8 into the ids of a byte-level vocabulary, and remembers what they became. */
export class BytePieces {
  readonly cache = new PieceCache()
  /** The ids of the piece that was merged last, {@link count} of them. */
  ids = new Int32Array(longestCached)
  count = 0
  readonly #tokens: TokenBytes
  readonly #pairs: PairRanks
  readonly #byteIds: Int32Array
  readonly #wholeFirst: boolean
  readonly #merge: MergePiece
  readonly #longestCached: number

  /**
   * @param byteIds `[256]` the token of each byte
   * @param wholeFirst whether a piece that is a token becomes it, even where merges would not lead there
   * @param merge what merges a piece; absent for {@link mergePiece}. Its results are not remembered, as they may differ
   *   from time to time.
   */
  constructor(tokens: TokenBytes, pairs: PairRanks, byteIds: Int32Array, wholeFirst: boolean, merge?: MergePiece) {
    this.#tokens = tokens
    this.#pairs = pairs
    this.#byteIds = byteIds
    this.#wholeFirst = wholeFirst
    this.#merge = merge ?? mergePiece
    this.#longestCached = merge === undefined ? longestCached : 0
  }

  /**
   * What a piece becomes: a value of the cache, or −1 when it is too long to be remembered; its tokens are then the first
   * {@link count} of {@link ids}.
   *
   * @param view of `bytes`, with {@link padding} bytes after `end`
   */
  value(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    if (end - at > this.#longestCached) {
      this.#encode(bytes, view, at, end)
      return -1
    }
    const known = this.cache.find(bytes, view, at, end)
    if (known >= 0) return known
    this.#encode(bytes, view, at, end)
    return this.cache.add(bytes, view, at, end, this.ids, this.count)
  }

  #encode(bytes: Uint8Array, view: DataView, at: number, end: number): void {
    const whole = this.#wholeFirst ? this.#tokens.find(bytes, view, at, end) : -1
    if (whole >= 0) {
      this.ids[0] = whole
      this.count = 1
      return
    }
    // Large pieces do not keep their memory.
    if (this.ids.length < end - at || this.ids.length > 1 << 16) this.ids = new Int32Array(end - at + longestCached)
    const { ids } = this
    const byteIds = this.#byteIds
    for (let i = at; i < end; i++) ids[i - at] = byteIds[bytes[i]]
    this.count = this.#merge(this.#pairs, ids, end - at)
  }
}

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
