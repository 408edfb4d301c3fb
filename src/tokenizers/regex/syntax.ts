import { ConfigError } from '../../base/index.ts'
import type { CodePoints } from './code-points.ts'

/**
 * Whose reading of a pattern is meant where the two differ:
 *
 * - `oniguruma`: Hugging Face's tokenizers in Python, and so every tokenizer.json. `{1,3}+` repeats `{1,3}`, `^` and `$`
 *   are at every line, `(?m)` lets `.` match line feeds, `(?i)` reaches to the end of its group over `|`, `\pL` is the
 *   letters p and L, properties outside brackets keep their case.
 * - `rust`: fancy-regex, and so tiktoken. `{1,3}+` is possessive, `^` and `$` are the ends of the text unless `(?m)`,
 *   `(?s)` lets `.` match line feeds, `\pL` is a property, `\w` has the joiners U+200C and U+200D, `[[:alpha:]]` is ASCII.
 */
export type Dialect = 'oniguruma' | 'rust'

/** What a pattern says, as a tree. */
export type Node =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | Repeat
  | { readonly kind: 'atomic'; readonly body: Node }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: Node }
  | { readonly kind: 'capture'; readonly group: number; readonly body: Node }
  | { readonly kind: 'again'; readonly group: number; readonly folded: boolean }
  | { readonly kind: 'place'; readonly place: Place }

export interface Repeat {
  readonly kind: 'repeat'
  readonly min: number
  /** Infinity for no bound. */
  readonly max: number
  readonly mode: 'greedy' | 'lazy' | 'possessive'
  readonly body: Node
}

/** Places between characters. The ends of lines are before a line feed and at the end of the text. */
export type Place = 'textStart' | 'textEnd' | 'lastLineEnd' | 'lineStart' | 'lineEnd' | 'wordEdge' | 'noWordEdge'

/** What the letters of `(?imsx)` switch. */
export interface Flags {
  fold: boolean
  dotAll: boolean
  multiLine: boolean
  /** Spaces and comments in the pattern mean nothing. */
  spaced: boolean
}

const longestQuote = 60

/** A pattern as error messages show it. */
export function quoted(pattern: string): string {
  return JSON.stringify(pattern.length > longestQuote ? `${pattern.slice(0, longestQuote)}…` : pattern)
}

/** Reads a pattern from left to right and says where it goes wrong. */
export interface Cursor {
  readonly pattern: string
  readonly dialect: Dialect
  /** Index of the next code unit. */
  at: number
}

/** The error for what stands from `start` to the cursor. */
export function refused(cursor: Cursor, start: number, why: string): ConfigError {
  const { pattern, at } = cursor
  const part = pattern.slice(start, Math.max(at, start + 1))
  return new ConfigError(
    `regex: ${why}${part === '' ? '' : `: ${quoted(part)}`} at index ${start} of ${quoted(pattern)}. ` +
      'Supported are literals, . [ ] with ranges, nesting and &&, \\p{category or script}, \\d \\s \\w \\h \\R, ' +
      '\\b ^ $ \\A \\z \\Z, ( ) (?: ) (?<name> ) (?> ) (?= ) (?! ) (?<= ) (?<! ) (?i) (?m) (?s) (?x), ' +
      '| * + ? {n,m} with ? or +, \\1 \\k<name>, \\n \\r \\t \\f \\v \\a \\e \\xHH \\x{H} \\uHHHH',
  )
}

/** Whether `text` comes next; if so, steps over it. */
export function took(cursor: Cursor, text: string): boolean {
  if (!cursor.pattern.startsWith(text, cursor.at)) return false
  cursor.at += text.length
  return true
}

/** The match of a sticky pattern at the cursor, stepped over. */
export function tookLike(cursor: Cursor, like: RegExp): RegExpExecArray | undefined {
  like.lastIndex = cursor.at
  const match = like.exec(cursor.pattern)
  if (match === null) return undefined
  cursor.at += match[0].length
  return match
}

/** The next code point, stepped over. */
export function tookCode(cursor: Cursor): number {
  const code = cursor.pattern.codePointAt(cursor.at)!
  cursor.at += code > 0xffff ? 2 : 1
  return code
}
