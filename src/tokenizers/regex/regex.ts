import { compile } from './compile.ts'
import { type Allowance, execute } from './execute.ts'
import { parse } from './parse.ts'
import type { Program } from './program.ts'
import type { Dialect } from './syntax.ts'

/** Where a match stands, in code units. */
export interface Match {
  readonly start: number
  readonly end: number
}

/** A compiled regular expression. */
export interface Regex {
  readonly pattern: string
  /** The first match that begins at `from` or later; what stands before `from` counts for looking behind. */
  find(text: string, from?: number): Match | undefined
  /** All matches from left to right, none over another. An empty match right behind another match does not count. */
  matches(text: string): Generator<Match, void, undefined>
}

/** Steps that any search may take, and steps for each code unit of the text. */
const freeSteps = 2e7
const stepsPerUnit = 100

/**
 * Compiles a regular expression as the patterns of tokenizers use them: the common ground of Oniguruma and Rust's
 * fancy-regex, with Unicode 16. The leftmost match wins, and of those the one whose earlier alternatives match.
 *
 * Works on code points: a surrogate pair is never cut. Where case does not matter, simple case folding counts (s, S, ſ);
 * one character never equals two (ß, ss), other than in Oniguruma.
 *
 * @param pattern what is supported stands in the message of the error
 * @param options.dialect whose reading counts where they differ; default `oniguruma`, as in tokenizer.json
 * @throws ConfigError for a pattern that is malformed or not supported, with the place in it
 * @throws DataError (from searching) when there are too many ways to match: 2·10⁷ steps and 100 for each code unit of the
 *   text in one search, or in all searches of one {@link Regex.matches}
 * Cost: linear in the text for the patterns of known tokenizers; memory for the open choices of one match.
 * @example
 * const words = regex("\\p{L}++|\\p{N}{1,3}|\\s+(?!\\S)|\\s+")
 * words.find('Сәлем, әлем', 5) // { start: 6, end: 7 }
 * Array.from(words.matches('in 2026'), ({ start, end }) => 'in 2026'.slice(start, end)) // ['in', ' ', '202', '6']
 */
export function regex(pattern: string, options: { readonly dialect?: Dialect } = {}): Regex {
  const { dialect = 'oniguruma' } = options
  const program = compile(pattern, dialect, parse(pattern, dialect))
  return {
    pattern,
    find: (text, from = 0) => search(program, text, from, allowanceFor(text)),
    matches: (text) => allMatches(program, text),
  }
}

const allowanceFor = (text: string): Allowance => ({ steps: freeSteps + stepsPerUnit * text.length })

function search(program: Program, text: string, from: number, allowance: Allowance): Match | undefined {
  const { rows, letters, pages, size, start, firstWide } = program
  for (let at = from; at <= text.length; ) {
    const code = at < text.length ? text.codePointAt(at)! : -1
    const letter = code < 0 ? size : code < 0x100 ? letters[code] : letters[pages[code >> 8] + (code & 0xff)]
    if (rows[start + letter] === 1) {
      const end = execute(program, text, at, allowance)
      if (end >= 0) return { start: at, end }
    }
    at += letter < firstWide || letter === size ? 1 : 2
  }
  return undefined
}

function* allMatches(program: Program, text: string): Generator<Match, void, undefined> {
  const allowance = allowanceFor(text)
  let from = 0
  let last = -1
  while (from <= text.length) {
    const match = search(program, text, from, allowance)
    if (match === undefined) return
    from = match.end
    if (match.start === match.end && match.end === last) from += (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1
    else {
      last = match.end
      yield match
    }
  }
}
