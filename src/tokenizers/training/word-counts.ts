import { alignedText, normalizedText } from '../aligned-text.ts'
import type { Normalizer, PreTokenizer } from '../stages.ts'

/** Code units that are kept at most before they are cut somewhere. */
const longestChunk = 1 << 20

/** A part of a string that is longer than this can keep the whole string in memory. */
const longestCopied = 12

export interface WordStages {
  readonly normalizer?: Normalizer
  /** Without one, the text is one word. */
  readonly preTokenizer?: PreTokenizer
}

/**
 * Counts the words that a normalizer and a pre-tokenizer make of a text. The text arrives in parts, which may be cut
 * anywhere: it is put together and cut anew before spaces that follow something else, where the pre-tokenizers of this
 * folder cut too. Memory grows with the distinct words, not with the text.
 */
export class WordCounts {
  /** Words in all. */
  total = 0
  readonly #stages: WordStages
  readonly #counts = new Map<string, number>()
  /** What stood between spaces, when the stages can wait: each distinct one passes them once. */
  readonly #waiting: Map<string, number> | undefined
  #pending = ''

  constructor(stages: WordStages) {
    this.#stages = stages
    const { normalizer, preTokenizer } = stages
    // BERT's stages see nothing across a space.
    const isBert = normalizer?.json.type === 'BertNormalizer' && preTokenizer?.json.type === 'BertPreTokenizer'
    this.#waiting = isBert ? new Map() : undefined
  }

  push(part: string): void {
    const text = this.#pending + part
    let at = 0
    for (let end: number; text.length - at > longestChunk; at = end) {
      end = endOfChunk(text, at)
      this.#addChunk(text.slice(at, end))
    }
    this.#pending = text.slice(at)
  }

  /** The text is over. Words and how often they occur, in the order of their first appearance. */
  end(): ReadonlyMap<string, number> {
    this.#addChunk(this.#pending)
    this.#pending = ''
    if (this.#waiting !== undefined) {
      for (const [text, count] of this.#waiting) this.#addText(text, count)
      this.#waiting.clear()
    }
    return this.#counts
  }

  #addChunk(text: string): void {
    if (this.#waiting === undefined) this.#addText(text, 1)
    else for (const part of text.match(/[^ \t\r\n]+/g) ?? []) count(this.#waiting, part, 1)
  }

  #addText(text: string, times: number): void {
    if (text === '') return
    const { normalizer, preTokenizer } = this.#stages
    const whole = alignedText(text, false)
    const normal = normalizer === undefined ? whole : normalizedText(whole, normalizer)
    for (const piece of preTokenizer === undefined ? [normal] : preTokenizer.split(normal)) {
      if (piece.text === '') continue
      count(this.#counts, piece.text, times)
      this.total += times
    }
  }
}

function count(counts: Map<string, number>, word: string, times: number): void {
  const before = counts.get(word)
  if (before !== undefined) counts.set(word, before + times)
  else counts.set(word.length > longestCopied ? [...word].join('') : word, times)
}

/** Where the chunk ends that begins at `at`; more than {@link longestChunk} code units follow. */
function endOfChunk(text: string, at: number): number {
  const limit = at + longestChunk
  for (let end = limit; end > at + 1; end--) {
    if (text[end] === ' ' && /\S/.test(text[end - 1])) return end
  }
  // Half a surrogate pair must not be left.
  return (text.charCodeAt(limit) & 0xfc00) === 0xdc00 ? limit - 1 : limit
}
