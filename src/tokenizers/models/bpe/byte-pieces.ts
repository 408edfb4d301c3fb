import { mergePiece } from './merge.ts'
import { type RangeMerger, shortRange } from './merge-ranges.ts'
import type { PairRanks } from './pair-ranks.ts'
import { longestCached, PieceCache } from './piece-cache.ts'
import type { Symbols } from './symbols.ts'
import type { TokenBytes } from './token-bytes.ts'

/** Merges the first `count` of `ids` in their place; how many are left. */
export type MergePiece = (pairs: PairRanks, ids: Int32Array, count: number) => number

export interface PiecesOptions {
  readonly tokens: TokenBytes
  readonly pairs: PairRanks
  /** Whether a piece that is a token becomes it, even where merges would not lead there. */
  readonly wholeFirst: boolean
  readonly symbols: Symbols
  /** What merges a piece instead of {@link mergePiece}; as it may change its mind, nothing is remembered. */
  readonly merge?: MergePiece
  /** Merges short pieces, where symbols are bytes and ranks are tokens. */
  readonly ranges?: RangeMerger
}

/** Turns pieces of UTF-8 into ids, and remembers what they became. */
export class BytePieces {
  readonly cache = new PieceCache()
  /** How many ids the piece that was merged last has; {@link ids} begins with them. */
  count = 0
  ids: Int32Array = new Int32Array(0)
  readonly #tokens: TokenBytes
  readonly #pairs: PairRanks
  readonly #wholeFirst: boolean
  readonly #symbols: Symbols
  readonly #merge: MergePiece
  readonly #longestCached: number
  readonly #ranges: RangeMerger | undefined

  constructor(options: PiecesOptions) {
    this.#tokens = options.tokens
    this.#pairs = options.pairs
    this.#wholeFirst = options.wholeFirst
    this.#symbols = options.symbols
    this.#merge = options.merge ?? mergePiece
    this.#ranges = options.ranges
    this.#longestCached = options.merge === undefined ? longestCached : 0
  }

  /**
   * What a piece becomes: a value of the cache, or −1 when it is not remembered; its tokens are then the first
   * {@link count} of {@link ids}.
   *
   * @param view of `bytes`, with {@link padding} bytes after `end`
   */
  value(bytes: Uint8Array, view: DataView, at: number, end: number): number {
    if (end - at > this.#longestCached) {
      this.#encode(bytes, view, at, end)
      return -1
    }
    const known = this.cache.find(view, at, end)
    if (known >= 0) return known
    this.#encode(bytes, view, at, end)
    return this.cache.add(bytes, view, at, end, this.ids, this.count)
  }

  #encode(bytes: Uint8Array, view: DataView, at: number, end: number): void {
    const symbols = this.#symbols
    const whole = this.#wholeFirst ? this.#tokens.find(view, at, end) : -1
    if (whole >= 0) {
      this.ids = symbols.ids
      this.ids[0] = whole
      this.count = 1
      return
    }
    const ranges = this.#ranges
    if (ranges !== undefined && end - at <= shortRange) {
      this.ids = symbols.ids
      this.count = ranges.merge(bytes, view, at, end, symbols.ids)
      return
    }
    symbols.read(bytes, view, at, end)
    this.ids = symbols.ids
    this.count = this.#merge(this.#pairs, symbols.ids, symbols.count)
  }
}
