import { regex } from '../regex/regex.ts'
import type { Decoder, Json } from '../stages.ts'
import { eachToken } from './decoded-text.ts'

/** What is replaced: a text, or what a regular expression matches. */
export type ReplacePattern = { readonly text: string } | { readonly regex: string }

/**
 * Replaces in each token.
 *
 * @throws ConfigError for a regular expression that is not supported
 *
 * @example
 * decodedText(replaceDecoder({ text: '▁' }, ' '), ['▁two', '▁words']) // ' two words'
 */
export function replaceDecoder(pattern: ReplacePattern, content: string): Decoder {
  const text = 'text' in pattern && pattern.text !== '' ? pattern.text : undefined
  const json: Json = 'text' in pattern ? { String: pattern.text } : { Regex: pattern.regex }
  const { matches } = regex('regex' in pattern ? pattern.regex : '')
  return {
    json: { type: 'Replace', pattern: json, content },
    begin: (emit) => {
      if (text === undefined) return eachToken(emit, (token) => replaced(token, matches(token), content))
      /** What can be the beginning of the text that is sought. */
      let held = ''
      return {
        push(part, closes) {
          const parts = (held + part).split(text)
          const last = parts.pop()!
          held = closes ? '' : beginningAtEnd(last, text)
          parts.push(last.slice(0, last.length - held.length))
          emit(parts.join(content), closes)
        },
        end() {},
      }
    },
  }
}

function replaced(token: string, matches: Iterable<{ start: number; end: number }>, content: string): string {
  let text = ''
  let at = 0
  for (const { start, end } of matches) {
    text += token.slice(at, start) + content
    at = end
  }
  return text + token.slice(at)
}

/** The longest end of a text that another begins with, and is not all of it. */
function beginningAtEnd(text: string, sought: string): string {
  let length = Math.min(text.length, sought.length - 1)
  while (!text.endsWith(sought.slice(0, length))) length--
  return text.slice(text.length - length)
}
