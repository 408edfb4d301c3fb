import { outlineOf } from '../data/index.ts'
import type { LanguageIdentifier } from '../data/language/index.ts'
import type { Tokenizer } from '../tokenizers/index.ts'

/** What texts are like, as JSON. */
export interface TextStatistics {
  readonly documents: number
  readonly bytes: number
  readonly characters: number
  readonly words: number
  readonly lines: number
  /** Where there is a tokenizer. */
  readonly tokens?: number
  readonly bytesPerToken?: number
  readonly languages: readonly LanguageShare[]
  /** Documents by their length; each range ends where the next begins. */
  readonly lengths: readonly { readonly from: number; readonly documents: number }[]
  /** What lengths are counted in. */
  readonly lengthUnit: 'bytes' | 'tokens'
}

export interface LanguageShare {
  /** `?` where it cannot be said. */
  readonly language: string
  readonly documents: number
  readonly bytes: number
}

/** Adds up texts, one at a time; its memory does not grow with them. */
export class TextCounter {
  #documents = 0
  #bytes = 0
  #characters = 0
  #words = 0
  #lines = 0
  #tokens = 0
  /** Lengths in [2ⁱ, 2ⁱ⁺¹); the first are those below 2. */
  #lengths: number[] = []
  #languages = new Map<string, { documents: number; bytes: number }>()
  readonly #identifier: LanguageIdentifier
  readonly #tokenizer: Tokenizer | undefined

  constructor(identifier: LanguageIdentifier, tokenizer?: Tokenizer) {
    this.#identifier = identifier
    this.#tokenizer = tokenizer
  }

  /** @param tokens of the text, where they are known */
  add(text: string, tokens = this.#tokenizer?.encode(text).length): void {
    const { words, lines, bytes } = outlineOf(text)
    this.#documents++
    this.#bytes += bytes
    this.#characters += charactersOf(text)
    this.#words += words.count
    this.#lines += lines.count
    this.#tokens += tokens ?? 0
    const bin = Math.floor(Math.log2(Math.max(1, tokens ?? bytes)))
    while (this.#lengths.length <= bin) this.#lengths.push(0)
    this.#lengths[bin]++
    const language = this.#identifier.identify(text)?.language ?? '?'
    let share = this.#languages.get(language)
    if (share === undefined) this.#languages.set(language, (share = { documents: 0, bytes: 0 }))
    share.documents++
    share.bytes += bytes
  }

  statistics(): TextStatistics {
    const languages = [...this.#languages].map(([language, share]) => ({ language, ...share }))
    const knowsTokens = this.#tokenizer !== undefined
    const lengths = this.#lengths.map((documents, i) => ({ from: i === 0 ? 0 : 2 ** i, documents }))
    const least = lengths.findIndex(({ documents }) => documents > 0)
    return {
      documents: this.#documents,
      bytes: this.#bytes,
      characters: this.#characters,
      words: this.#words,
      lines: this.#lines,
      ...(knowsTokens && { tokens: this.#tokens, bytesPerToken: this.#tokens === 0 ? 0 : this.#bytes / this.#tokens }),
      languages: languages.sort((a, b) => b.bytes - a.bytes || (a.language < b.language ? -1 : 1)),
      lengths: least < 0 ? [] : lengths.slice(least),
      lengthUnit: knowsTokens ? 'tokens' : 'bytes',
    }
  }
}

/** Code points: two halves of a pair are one character. */
function charactersOf(text: string): number {
  let count = text.length
  for (let i = 1; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) count--
  }
  return count
}
