import { ConfigError } from '../../base/index.ts'
import { BandTable } from './band-table.ts'
import { Clusters } from './clusters.ts'
import { expectInteger } from './minhash.ts'
import type { Bands } from './s-curve.ts'
import { SignatureStore } from './signature-store.ts'

export interface NearOptions extends Partial<Bands> {
  /**
   * Candidates count as similar only if their signatures agree at this share of places, 0 to 1. Without it, as in
   * FineWeb, sharing a band is enough.
   */
  readonly verify?: number
}

export interface NearReport {
  readonly documents: number
  /** Documents that are not the first of their cluster. */
  readonly dropped: number
  /** A bit for each document, set when it stays: document i is bit i mod 8 of byte ⌊i / 8⌋. */
  readonly kept: Uint8Array
  /** `[documents]` the first document of the cluster that each is in: itself for those that stay. */
  readonly repeats: Uint32Array
  /** Clusters with more than one document. */
  readonly clusters: number
  /** Candidates that verification turned down. */
  readonly refused: number
}

/**
 * Locality-sensitive hashing over MinHash signatures, which are added in the order of the documents. Documents that agree in
 * all rows of a band are similar, and so is what they are similar to in turn: clusters are connected components, and of
 * each the first document stays.
 *
 * Components are what the corpora that we follow use: which documents lie together does not depend on their order. The price
 * is that a chain of small changes is one cluster, although its ends may differ. Dropping only what is similar to a
 * document that stays would keep both ends, and also leave pairs that are near duplicates whenever the one between them
 * came last. `verify` makes links rarer, and leaves the closure as it is.
 *
 * Only 16 bits of each value are kept and compared, so a band of r rows agrees by accident with a probability of 2⁻¹⁶ʳ.
 * Documents without words are similar to nothing.
 *
 * Memory with 14 × 8: 224 bytes a document for its signature, 5 for each slot of 14 tables that are half to three quarters
 * full, 4 for its cluster: 320 to 370 bytes.
 * Cost: some 10 µs a document among a million, most of it waiting for memory.
 * Source: Lee et al. 2022 §4.2; bands: Leskovec, Rajaraman, Ullman, "Mining of massive datasets", §3.4.
 *
 * @example
 * const hasher = minHasher()
 * const near = new NearDuplicates({ verify: 0.7 })
 * const texts = ['one two three four five six', 'something else altogether, really', 'One two three four five six.']
 * for (const text of texts) near.add(hasher.ofWords(outlineOf(text).words.hashes))
 * near.finish().repeats // [0, 1, 0]
 */
export class NearDuplicates {
  readonly bands: number
  readonly rows: number
  readonly #verify: number
  readonly #store: SignatureStore
  readonly #tables: readonly BandTable[]
  readonly #clusters = new Clusters()
  #refused = 0

  /** @throws ConfigError for options out of range */
  constructor({ bands = 14, rows = 8, verify = 0 }: NearOptions = {}) {
    expectInteger('bands', bands, 1, 4096)
    expectInteger('rows', rows, 1, 4096)
    if (!(verify >= 0 && verify <= 1)) throw new ConfigError(`verify: expected 0 to 1, got ${verify}`)
    this.bands = bands
    this.rows = rows
    this.#verify = verify
    this.#store = new SignatureStore(bands * rows)
    this.#tables = Array.from({ length: bands }, (_, band) => new BandTable(this.#store, band * rows, rows))
  }

  /**
   * @param signature at least bands · rows values, of which the low 16 bits count
   * @returns the number of the document: 0, 1, 2, …
   */
  add(signature: ArrayLike<number>): number {
    const { bands, rows } = this
    if (signature.length < bands * rows) {
      throw new ConfigError(
        `NearDuplicates: ${bands} bands of ${rows} rows need signatures of ${bands * rows} values, got ${signature.length}`,
      )
    }
    const document = this.#store.add(signature)
    this.#clusters.add()
    if (isEmpty(signature)) return document
    const accept = (other: number) => this.#accept(document, other)
    for (const table of this.#tables) table.add(document, accept)
    return document
  }

  /** What all tables take at the moment. */
  get memoryBytes(): number {
    return this.#tables.reduce((sum, { bytes }) => sum + bytes, this.#store.bytes + this.#clusters.bytes)
  }

  finish(): NearReport {
    const { repeats, clusters } = this.#clusters.finish()
    const kept = new Uint8Array(Math.ceil(repeats.length / 8))
    let dropped = 0
    for (let i = 0; i < repeats.length; i++) {
      if (repeats[i] === i) kept[i >> 3] |= 1 << (i & 7)
      else dropped++
    }
    return { documents: repeats.length, dropped, kept, repeats, clusters, refused: this.#refused }
  }

  /** Puts two documents that share a band together, if they are similar enough. */
  #accept(document: number, other: number): boolean {
    const together = this.#clusters.together(document, other)
    if (together) return true
    if (this.#verify > 0 && this.#store.similarity(document, other) < this.#verify) {
      this.#refused++
      return false
    }
    this.#clusters.unite(document, other)
    return true
  }
}

/** Whether all values are what a text without words has. */
function isEmpty(signature: ArrayLike<number>): boolean {
  for (let i = 0; i < signature.length; i++) if ((signature[i] & 0xffff) !== 0xffff) return false
  return true
}
