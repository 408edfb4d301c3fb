import { type Outline, outlineOf } from '../index.ts'
import { numbersHash } from './content-hash.ts'
import { GramIndex } from './gram-index.ts'
import { expectInteger } from './minhash.ts'

/** A question of an evaluation set, with its answers, or a passage of it. */
export interface EvaluationItem {
  /** Names it in reports: `arc-challenge/test/17`. */
  readonly id: string
  readonly text: string
}

export interface ContaminationOptions {
  /** n: so many words in a row, capitals and punctuation aside, are a collision. Default 13. */
  readonly words?: number
  /** Items with fewer than n words, but at least so many, are looked for as a whole. Default n: they are left out. */
  readonly shortest?: number
  /** Grams that are in more documents are common phrases, and are ignored. Default 10. */
  readonly mostDocuments?: number
  /** Code units that are removed on either side of a collision. Default 200. */
  readonly margin?: number
  /** Pieces with fewer code units are removed. Default 200. */
  readonly shortestPiece?: number
  /** Documents that fall into more pieces are left out. Default 10. */
  readonly mostPieces?: number
}

/** A document without what it has in common with evaluation sets. */
export interface Decontaminated {
  /** The whole text when there is no collision. */
  readonly pieces: readonly string[]
  /** Into how many pieces it fell, short ones included. */
  readonly fellInto: number
  /** Places where text was taken out; collisions whose margins meet are one. */
  readonly collisions: number
  /** Items that they are of, without repetition: for each gram the first item that has it. */
  readonly items: readonly string[]
}

/**
 * Finds evaluation items in documents. What is common in the corpus is told apart in a first pass, `collect` for every
 * document in any order; without that pass nothing is ignored. `clean` then changes nothing here, and may run anywhere.
 *
 * Memory: 4 bytes a word of the items, and some 30 a gram.
 * Cost: a look into a table a word, once more for each other length when items are shorter than n.
 * Source: Brown et al. 2020, appendix C. The paper removes "a 200 character window around" a collision; here it is 200 on
 * either side, as its published re-implementations have it.
 *
 * @example
 * const items = [{ id: 'quiz 1', text: 'Which planet is the third one from the sun, and how far away is it?' }]
 * const text = 'Quiz: which planet is the third one from the sun, and how far away is it!'
 * new Contamination(items).clean(outlineOf(text)).items // ['quiz 1']
 */
export class Contamination {
  readonly options: Required<ContaminationOptions>
  /** Items that are too short to be looked for. */
  readonly leftOut: readonly string[]
  /** `[grams]` in how many documents each is. Counts of parts of a corpus may be added up. */
  readonly documents: Uint32Array
  readonly #index = new GramIndex()
  /** Lengths of grams that there are. */
  readonly #lengths: readonly number[]
  /** By gram, the number of an item. */
  readonly #items: readonly number[]
  readonly #ids: readonly string[]

  /** @throws ConfigError for options out of range */
  constructor(items: Iterable<EvaluationItem>, options: ContaminationOptions = {}) {
    const { words = 13, mostDocuments = 10, margin = 200, shortestPiece = 200, mostPieces = 10 } = options
    const { shortest = words } = options
    expectInteger('words', words, 1, 1000)
    expectInteger('shortest', shortest, 1, words)
    expectInteger('mostDocuments', mostDocuments, 1, 2 ** 32 - 1)
    for (const [name, value] of Object.entries({ margin, shortestPiece })) expectInteger(name, value, 0, 2 ** 30)
    expectInteger('mostPieces', mostPieces, 1, 2 ** 30)
    this.options = { words, shortest, mostDocuments, margin, shortestPiece, mostPieces }
    const lengths = new Set<number>()
    const leftOut: string[] = []
    const itemOf: number[] = []
    const ids: string[] = []
    for (const { id, text } of items) {
      const { hashes, count } = outlineOf(text).words
      const length = Math.min(words, count)
      if (length < shortest) {
        leftOut.push(id)
        continue
      }
      lengths.add(length)
      this.#index.add(hashes, length, () => itemOf.push(ids.length))
      ids.push(id)
    }
    this.leftOut = leftOut
    this.#lengths = [...lengths].sort((a, b) => b - a)
    this.#items = itemOf
    this.#ids = ids
    this.documents = new Uint32Array(this.#index.count)
  }

  /** Tells apart what decides otherwise: 16 hexadecimal digits of the grams, and of which are common. */
  get fingerprint(): string {
    const common = this.documents.map((count) => (count > this.options.mostDocuments ? 1 : 0))
    const hashes = [this.#index.hash, numbersHash(common)].flatMap(({ high, low }) => [high, low])
    const { high, low } = numbersHash(Uint32Array.from(hashes))
    return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('')
  }

  /** First pass: counts the grams of a document. */
  collect({ words }: Pick<Outline, 'words'>): void {
    const grams = new Set(this.#find(words.hashes).map(({ gram }) => gram))
    for (const gram of grams) this.documents[gram]++
  }

  /** Second pass: takes out what is in an evaluation item, with some characters around it, and splits there. */
  clean(outline: Outline): Decontaminated {
    const { text, words } = outline
    const { mostDocuments, margin, shortestPiece } = this.options
    const places = this.#find(words.hashes).filter(({ gram }) => this.documents[gram] <= mostDocuments)
    if (places.length === 0) return { pieces: [text], fellInto: 1, collisions: 0, items: [] }
    const pieces: string[] = []
    let fellInto = 0
    let collisions = 0
    let at = 0
    const take = (end: number) => {
      if (end <= at) return
      fellInto++
      if (end - at >= shortestPiece) pieces.push(text.slice(at, end))
    }
    for (const { gram, word } of places) {
      const start = characterStart(text, words.starts[word] - margin)
      if (start > at || collisions === 0) collisions++
      take(start)
      const end = words.ends[word + this.#index.length(gram) - 1] + margin
      at = Math.max(at, end >= text.length ? text.length : characterStart(text, end))
    }
    take(text.length)
    const items = [...new Set(places.map(({ gram }) => this.#ids[this.#items[gram]]))]
    return { pieces, fellInto, collisions, items }
  }

  /** By place in the text. */
  #find(words: Uint32Array) {
    const places = this.#lengths.flatMap((length) => this.#index.find(words, length))
    return this.#lengths.length > 1 ? places.sort((a, b) => a.word - b.word) : places
  }
}

/** Where the character begins that the code unit `at` belongs to. */
function characterStart(text: string, at: number): number {
  if (at <= 0) return 0
  const isSecondHalf = (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800
  return isSecondHalf ? at - 1 : at
}
