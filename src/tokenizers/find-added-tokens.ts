import type { AddedToken } from './added-tokens.ts'
import { isWhiteSpace } from './unicode/categories.ts'
import { isWordCharacter } from './unicode/word-characters.ts'

/** A part of a text: an added token that was found, or text between them. */
export interface Found {
  readonly start: number
  readonly end: number
  readonly token?: AddedToken
}

/**
 * Finds added tokens in a text, and gives it back in parts.
 *
 * @param accepts whether a token counts that begins at a code unit of the text; all do when it is absent
 */
export type FindAddedTokens = (text: string, accepts?: (token: AddedToken, start: number) => boolean) => Found[]

/**
 * A search for added tokens by what they look like in the text: leftmost first, of several at a place the longest.
 *
 * White space that a token strips, or that is one itself, can be in two parts: the next token is searched behind the one
 * before, not behind what that stripped. So does Hugging Face's.
 */
export function addedTokenFinder(tokens: readonly (readonly [spelling: string, token: AddedToken])[]): FindAddedTokens {
  const bySpelling = new Map(tokens.filter(([spelling]) => spelling !== ''))
  if (bySpelling.size === 0) return (text) => [{ start: 0, end: text.length }]
  const longestFirst = [...bySpelling.keys()].sort((a, b) => b.length - a.length)
  // Only literal strings, so nothing depends on the Unicode of the host.
  const pattern = new RegExp(longestFirst.map((spelling) => RegExp.escape(spelling)).join('|'), 'g')

  return (text, accepts) => {
    const found: Found[] = []
    let at = 0
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const token = bySpelling.get(match[0])!
      let start = match.index
      if (accepts && !accepts(token, start)) {
        pattern.lastIndex = start + 1
        continue
      }
      let end = start + match[0].length
      if (token.singleWord && (isWordBefore(text, start) || isWordBehind(text, end))) continue
      // All white space is one code unit.
      if (token.lstrip) while (start > at && isWhiteSpace(text.charCodeAt(start - 1))) start--
      if (token.rstrip) while (end < text.length && isWhiteSpace(text.charCodeAt(end))) end++
      if (at < start) found.push({ start: at, end: start })
      found.push({ start, end, token })
      at = end
    }
    if (at < text.length) found.push({ start: at, end: text.length })
    return found
  }
}

function isWordBefore(text: string, at: number): boolean {
  const isPair = (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00
  return at > 0 && isWordCharacter(text.codePointAt(isPair ? at - 2 : at - 1)!)
}

function isWordBehind(text: string, at: number): boolean {
  return at < text.length && isWordCharacter(text.codePointAt(at)!)
}
