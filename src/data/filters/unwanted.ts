// What no text needs: the pattern finds it one by one, `cleaned` says what stands there instead.

const lineEnds = '\\r\\n?|[\\v\\f\\x85\\u2028\\u2029]'
const spaces = '[\\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]'
const lost = '\\ufffd+'
const controls = '[\\0-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\ufdd0-\\ufdef\\ufffe\\uffff]'
// Soft hyphen, marks of direction, joiners, byte order marks, annotations, places of objects.
const invisible = '[\\xad\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffc]'

/** Finds a character that is cleaned, anywhere. */
export const unwanted = new RegExp(`${lineEnds}|${spaces}|${lost}|${controls}|${invisible}`)

const all = new RegExp(`(${lineEnds})|(${spaces})|(${lost})|(${controls})|${invisible}`, 'g')

export interface Cleaned {
  readonly text: string
  /** How many line ends, spaces, … were mended. */
  readonly did: Readonly<Record<string, number>>
  /** Characters that were lost before: U+FFFD, of which one stays for a row of them. */
  readonly lost: number
}

/**
 * Line ends become `\n`, spaces of any width one space; control and invisible characters go, and of several U+FFFD in a
 * row one stays. Joiners stay behind letters of scripts that are written with them, and in emoji; the space of no width
 * stays in scripts without spaces.
 *
 * @example
 * cleaned('a\u00a0b\r\nc\u200b').text // 'a b\nc'
 */
export function cleaned(text: string): Cleaned {
  const did: Record<string, number> = {}
  let lostCharacters = 0
  const count = (what: string, by: string) => {
    did[what] = (did[what] ?? 0) + 1
    return by
  }
  const result = text.toWellFormed().replace(all, (found, lineEnd, space, replaced, control, at: number) => {
    if (lineEnd !== undefined) return count('line ends', found === '\u2029' ? '\n\n' : '\n')
    if (space !== undefined) return count('odd spaces', ' ')
    if (control !== undefined) return count('control characters', '')
    if (replaced !== undefined) {
      lostCharacters += found.length
      return found.length > 1 ? count('lost characters', '\ufffd') : found
    }
    return isNeeded(found, at === 0 ? 0 : text.charCodeAt(at - 1)) ? found : count('invisible characters', '')
  })
  return { text: result, did, lost: lostCharacters }
}

function isNeeded(invisibleCharacter: string, before: number): boolean {
  if (invisibleCharacter === '\u200b') {
    return (before >= 0x0e00 && before <= 0x109f) || (before >= 0x1780 && before <= 0x1aaf)
  }
  // Behind Arabic, Indic and further letters, and behind what emoji are made of.
  const isJoiner = invisibleCharacter === '\u200c' || invisibleCharacter === '\u200d'
  return isJoiner && before >= 0x0600 && !(before >= 0x1e00 && before <= 0x20ff)
}
