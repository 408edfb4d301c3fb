import { type CodePoints, complement, pastLast, range, union } from './code-points.ts'
import { digits, hexDigits, namedSet, spaces, wordCharacters } from './properties.ts'
import { type Cursor, refused, tookCode, tookLike } from './syntax.ts'

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7, e: 27 }

/**
 * The set that an escape stands for, such as `\d` or `\p{L}`, stepped over; undefined, and nothing stepped over, when it
 * stands for something else. The cursor is at the backslash.
 */
export function escapedSet(cursor: Cursor): CodePoints | undefined {
  const start = cursor.at
  const short = tookLike(cursor, /\\([dDsSwWhH])/y)?.[1]
  if (short !== undefined) {
    const set = shortSet(short.toLowerCase(), cursor.dialect === 'rust')
    return short === short.toLowerCase() ? set : complement(set)
  }
  const property =
    tookLike(cursor, /\\([pP])\{(\^?)([^{}]*)\}/y) ??
    (cursor.dialect === 'rust' ? tookLike(cursor, /\\([pP])()([A-Z])/y) : undefined)
  if (property === undefined) return undefined
  const set = namedSet(property[3])
  if (set === undefined) throw refused(cursor, start, 'an unknown property')
  return (property[1] === 'P') === (property[2] === '^') ? set : complement(set)
}

function shortSet(letter: string, rust: boolean): CodePoints {
  if (letter === 'd') return digits()
  if (letter === 's') return spaces()
  if (letter === 'h') return hexDigits()
  return wordSet(rust)
}

/** `\w`. */
export function wordSet(rust: boolean): CodePoints {
  // Rust counts the joiners.
  return rust ? union(wordCharacters(), range(0x200c, 0x200d)) : wordCharacters()
}

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
