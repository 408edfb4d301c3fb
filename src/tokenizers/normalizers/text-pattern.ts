import type { ReplacePattern } from '../decoders/replace.ts'
import { regex } from '../regex/regex.ts'
import type { Json } from '../stages.ts'

/** Where a match stands, in code units. */
interface Place {
  readonly start: number
  readonly end: number
}

/** What Replace and Split look for, ready to be found. */
export interface TextPattern {
  /** How tokenizer.json spells it. */
  readonly json: Json
  /** The text that is looked for, when it is one that is not empty. */
  readonly text?: string
  /** All matches, from left to right, none over another. */
  matches(text: string): Iterable<Place>
}

/** @throws ConfigError for a regular expression that is not supported */
export function textPattern(pattern: ReplacePattern): TextPattern {
  if ('text' in pattern && pattern.text !== '') {
    const { text } = pattern
    return { json: { String: text }, text, matches: (whole) => occurrences(whole, text) }
  }
  const compiled = regex('regex' in pattern ? pattern.regex : '')
  return {
    json: 'regex' in pattern ? { Regex: pattern.regex } : { String: '' },
    // Reference: nothing matches in an empty text, not even what is empty.
    matches: (text) => (text === '' ? [] : compiled.matches(text)),
  }
}

function* occurrences(whole: string, text: string): Generator<Place, void, undefined> {
  for (let start = whole.indexOf(text); start >= 0; start = whole.indexOf(text, start + text.length)) {
    yield { start, end: start + text.length }
  }
}
