import type { PreTokenizer } from '../stages.ts'
import { categories, punctuation as punctuationMarks } from '../unicode/categories.ts'
import { behaviorJson, cutAtCharacters, type SplitBehavior } from './delimiters.ts'

/**
 * Cuts at punctuation: signs of ASCII, `$+<=>^|~` and the backtick among them, and Unicode's category P.
 *
 * @param behavior what becomes of each sign; pieces of their own unless said
 *
 * @example
 * punctuation().split({ text: '«Сәлем!»', isFirst: true }).map(({ text }) => text) // ['«', 'Сәлем', '!', '»']
 */
export function punctuation(behavior: SplitBehavior = 'isolated'): PreTokenizer {
  return {
    json: { type: 'Punctuation', behavior: behaviorJson(behavior) },
    split: (part) => cutAtCharacters(part, isPunctuation(), behavior),
  }
}

/** What counts as punctuation here and for BERT, as of Unicode 8. */
export function isPunctuation(): (codePoint: number) => boolean {
  const table = categories(8)
  return (code) => {
    if (code >= 0x80) return ((punctuationMarks >>> table[code]) & 1) === 1
    // What ASCII has between space and delete besides digits and letters.
    return code > 0x20 && code < 0x7f && (code < 0x30 || code > 0x39) && ((code & 0x5f) < 0x41 || (code & 0x5f) > 0x5a)
  }
}
