import type { Outline } from '../index.ts'
import { type ContentHash, contentHash, wordsHash } from './content-hash.ts'
import { grown, KeyTable } from './key-table.ts'

export interface ExactOptions {
  /** Documents are equal when their words are: capitals, white space and punctuation do not count. Default false. */
  readonly normalized?: boolean
}

/**
 * By what documents are compared: equal documents have equal hashes. A document without words is compared by its text in
 * any case: `!` and `?` are two documents.
 *
 * @example
 * const a = documentHash(outlineOf('One, two!'), { normalized: true })
 * const b = documentHash(outlineOf('one two'), { normalized: true })
 * a.low === b.low // true
 */
export function documentHash(outline: Outline, { normalized = false }: ExactOptions = {}): ContentHash {
  return normalized && outline.words.count > 0 ? wordsHash(outline) : contentHash(outline.text)
}

/**
 * Finds documents that were there before. Hashes may be made anywhere; they are added in the order of the documents, and
 * the first of equal ones stays. All equal documents are found; how rarely different ones are taken for equal is said at
 * {@link contentHash}.
 *
 * Memory: 12 bytes a different document, and 4 for each free slot of the table: 18 to 25 in all.
 *
 * @example
 * const seen = new ExactDuplicates()
 * const texts = ['one', 'two', 'one']
 * texts.map((text) => seen.add(documentHash(outlineOf(text)))) // [undefined, undefined, 0]
 */
export class ExactDuplicates {
  #table = new KeyTable()
  /** The document that brought each key. */
  #documents = new Uint32Array(0)
  #count = 0

  /** @returns the number of the document that this one repeats; undefined when it is new */
  add({ high, low }: ContentHash): number | undefined {
    const document = this.#count++
    const known = this.#table.count
    const number = this.#table.number(high, low)
    if (number < known) return this.#documents[number]
    if (number >= this.#documents.length) this.#documents = grown(this.#documents, Math.ceil(1.5 * number))
    this.#documents[number] = document
    return undefined
  }
}
