import { withCases } from './case-folding.ts'
import { type CodePoints, complement, pastLast } from './code-points.ts'
import { digits, hexDigits, namedSet, spaces, wordCharacters, wordSet } from './properties.ts'
import { type Cursor, refused, tookCode, tookLike } from './syntax.ts'

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7, e: 27 }

/**
 * The set that an escape stands for, such as `\d` or `\p{L}`, stepped over; undefined, and nothing stepped over, when it
 * stands for something else. The cursor is at the backslash.
 *
 * @param inClass whether it stands in brackets
 * @param fold whether it takes in all cases, before it is negated
 */
export function escapedSet(cursor: Cursor, inClass: boolean, fold: boolean): CodePoints | undefined {
  const start = cursor.at
  const parts =
    tookLike(cursor, /\\([dswhDSWH])/y) ??
    tookLike(cursor, /\\([pP])\{(\^?)([^{}]*)\}/y) ??
    (cursor.dialect === 'rust' ? tookLike(cursor, /\\([pP])()([A-Z])/y) : undefined)
  if (parts === undefined) return undefined
  const [, letter, caret, name] = parts
  const set = name === undefined ? shortSets[letter.toLowerCase()]() : namedSet(name)
  if (set === undefined) throw refused(cursor, start, 'an unknown property')
  const cased = fold ? withCases(set) : set
  const meant = set === wordCharacters() ? wordSet(cursor.dialect, inClass) : cased
  return letter < 'a' !== (caret === '^') ? complement(meant) : meant
}

const shortSets: Readonly<Record<string, () => CodePoints>> = { d: digits, s: spaces, w: wordCharacters, h: hexDigits }

/** The character that an escape stands for, stepped over. The cursor is at the backslash. */
export function escapedCode(cursor: Cursor, inClass: boolean): number {
  const start = cursor.at
  const hex = tookLike(
    cursor,
    /\\(?:x\{([0-9a-fA-F]{1,8})\}|x([0-9a-fA-F]{1,2})|u\{([0-9a-fA-F]{1,8})\}|u([0-9a-fA-F]{4}))/y,
  )
  if (hex !== undefined) {
    const code = Number.parseInt(hex.slice(1).find(Boolean)!, 16)
    if (code >= pastLast) throw refused(cursor, start, 'a code point beyond U+10FFFF')
    return code
  }
  const octal = tookLike(cursor, /\\(0[0-7]{0,2})/y)
  if (octal !== undefined) return Number.parseInt(octal[1], 8)
  cursor.at++
  if (cursor.at >= cursor.pattern.length) throw refused(cursor, start, 'a backslash at the end')
  const code = tookCode(cursor)
  const letter = String.fromCodePoint(code)
  if (Object.hasOwn(controls, letter)) return controls[letter]
  if (inClass && letter === 'b') return 8
  // In Oniguruma the braces make the property.
  if (/[pP]/.test(letter) && cursor.dialect === 'oniguruma' && cursor.pattern[cursor.at] !== '{') return code
  if (/[0-9A-Za-z]/.test(letter)) throw refused(cursor, start, 'an escape without a meaning here')
  return code
}
