import { DataError } from '../../base/index.ts'
import type { Outline } from '../index.ts'
import { contentHash, wordsHash } from './content-hash.ts'
import { grown, KeyTable } from './key-table.ts'
import { expectInteger } from './minhash.ts'
import { type Removal, withoutSpans } from './without-spans.ts'

export interface LineOptions {
  /** Lines in more than so many documents are removed. Default 10. */
  readonly moreThan?: number
  /** From all but the first so many documents. Default 1, at most `moreThan`. */
  readonly keepFirst?: number
  /** Lines are equal when their words are: capitals, white space and punctuation do not count. Default true. */
  readonly normalized?: boolean
  /** Shorter lines stay, however common: brackets of programs, answers. Code units without the white space around. Default 20. */
  readonly shortest?: number
}

/** The hashes of a document's lines that may be removed. */
export interface LineHashes {
  /** `[2 · n]` high and low halves. */
  readonly keys: Uint32Array
  /** `[n]` which lines of the outline they are of. */
  readonly lines: Uint32Array
}

/**
 * Lines that many documents have: menus, licences, cookie notices. The first pass collects every document in order; the
 * second asks, in any order and as often as it likes, which lines of a document go. A line stays in the first documents
 * that have it, so the answer depends on the order of documents and not on how they were cut into blocks.
 *
 * Memory: 20 bytes a different line, and 4 for each free slot: 26 to 33 in all. Lines that differ agree by accident as
 * seldom as {@link contentHash} says.
 * Cost: a hash of the lines and a look into a table for each, in both passes.
 * Source: by paragraphs, Wenzek et al. 2020 (CCNet) §3.2; by three sentences, Raffel et al. 2020 (C4) §2.2.
 *
 * @example
 * const lines = new RepeatedLines({ moreThan: 1, shortest: 1 })
 * const outlines = ['Home\none', 'Home\ntwo'].map(outlineOf)
 * for (const outline of outlines) lines.collect(lines.hashes(outline))
 * lines.remove(outlines[1], 1).text // 'two'
 */
export class RepeatedLines {
  readonly #options: Required<LineOptions>
  readonly #table = new KeyTable()
  /** For {@link hashes}. */
  #keyRoom = new Uint32Array(0)
  #room = new Uint32Array(0)
  #documents = 0
  /** By line: how many documents have it, the last of them, and from which on it is removed. */
  #counts = new Uint32Array(0)
  #last = new Uint32Array(0)
  #removeAfter = new Uint32Array(0)

  /** @throws ConfigError for options out of range */
  constructor({ moreThan = 10, keepFirst = 1, normalized = true, shortest = 20 }: LineOptions = {}) {
    expectInteger('moreThan', moreThan, 1, 2 ** 32 - 1)
    expectInteger('keepFirst', keepFirst, 0, moreThan)
    expectInteger('shortest', shortest, 1, 2 ** 30)
    this.#options = { moreThan, keepFirst, normalized, shortest }
  }

  /**
   * What {@link collect} and {@link repeated} need of a document; may be made on another thread, by an equal object. The
   * arrays are used again by the next call.
   */
  hashes(outline: Outline): LineHashes {
    const { normalized, shortest } = this.#options
    const { text, lines, words } = outline
    if (this.#room.length < lines.count) {
      this.#keyRoom = new Uint32Array(4 * lines.count)
      this.#room = new Uint32Array(2 * lines.count)
    }
    const [keys, which] = [this.#keyRoom, this.#room]
    let count = 0
    let word = 0
    for (let line = 0; line < lines.count; line++) {
      const [start, end] = trimmed(text, lines.starts[line], lines.ends[line])
      const firstWord = word
      while (word < words.count && words.starts[word] < lines.ends[line]) word++
      if (end - start < shortest) continue
      const byWords = normalized && word > firstWord
      const { high, low } = byWords ? wordsHash(outline, firstWord, word) : contentHash(text, start, end)
      keys[2 * count] = high
      keys[2 * count + 1] = low
      which[count++] = line
    }
    return { keys: keys.subarray(0, 2 * count), lines: which.subarray(0, count) }
  }

  /** First pass: the next document, in order. A line counts once for each document. */
  collect({ keys }: Pick<LineHashes, 'keys'>): void {
    const document = ++this.#documents
    for (let i = 0; i < keys.length; i += 2) {
      const line = this.#table.number(keys[i], keys[i + 1])
      if (line >= this.#counts.length) {
        const size = Math.ceil(1.5 * line)
        this.#counts = grown(this.#counts, size)
        this.#last = grown(this.#last, size)
        this.#removeAfter = grown(this.#removeAfter, size)
      }
      if (this.#last[line] === document) continue
      this.#last[line] = document
      if (++this.#counts[line] === this.#options.keepFirst) this.#removeAfter[line] = document
    }
  }

  /** In how many documents a line was, by its hash. */
  documents(high: number, low: number): number {
    const line = this.#table.find(high, low)
    return line < 0 ? 0 : this.#counts[line]
  }

  /**
   * Second pass: which lines of a document go.
   *
   * @param document its number in the first pass: 0, 1, 2, …
   * @throws DataError when it was not collected
   */
  repeated({ keys, lines }: LineHashes, document: number): number[] {
    if (!(document >= 0 && document < this.#documents)) {
      throw new DataError(`RepeatedLines: document ${document} was not collected; there are ${this.#documents}`)
    }
    const gone: number[] = []
    for (let i = 0; i < lines.length; i++) {
      const line = this.#table.find(keys[2 * i], keys[2 * i + 1])
      if (line < 0 || this.#counts[line] <= this.#options.moreThan) continue
      if (document >= this.#removeAfter[line]) gone.push(lines[i])
    }
    return gone
  }

  /** The text of a document without the lines that {@link repeated} names, their line ends included. */
  remove(outline: Outline, document: number): Removal {
    const { lines, text } = outline
    const spans = this.repeated(this.hashes(outline), document).map((line): [number, number] => [
      lines.starts[line],
      line + 1 < lines.count ? lines.starts[line + 1] : text.length,
    ])
    return withoutSpans(text, spans)
  }
}

function trimmed(text: string, from: number, to: number): [number, number] {
  let [start, end] = [from, to]
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (start < end && isSpace(text.charCodeAt(end - 1))) end--
  return [start, end]
}

const isSpace = (unit: number) => unit === 0x20 || unit === 0x09 || unit === 0xa0 || unit === 0x0b || unit === 0x0c
