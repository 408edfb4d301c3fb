import { ConfigError } from '../base/index.ts'
import { categories, categoryMask } from '../tokenizers/index.ts'
import { anyCharacter, charactersOf, complement, type Ranges, unionOf } from './ranges.ts'

/** `\d`, `\w` and `\s` of JavaScript. */
export const digits: Ranges = [[0x30, 0x39]]
export const wordCharacters = unionOf([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
])
export const spaces = unionOf([
  [9, 13],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
])
/** What `.` does not match. */
export const lineEnds = charactersOf('\n\r\u2028\u2029')

const known = new Map<number, Ranges>()

/**
 * The characters of a property, as in `\p{…}`: general categories by their short and long names, `Any`, `ASCII`.
 *
 * @throws ConfigError for other properties
 */
export function property(name: string): Ranges {
  const value = /^(?:gc|General_Category)=(.*)$/.exec(name)?.[1] ?? name
  if (value === 'Any') return anyCharacter
  if (value === 'ASCII') return [[0, 0x7f]]
  const mask = categoryMask(value)
  if (mask === undefined) {
    throw new ConfigError(
      `regex: there is no \\p{${name}} here; general categories are, such as \\p{L}, \\p{Lu}, \\p{Nd}`,
    )
  }
  let set = known.get(mask)
  if (set === undefined) {
    const table = categories()
    const ranges: [number, number][] = []
    for (let code = 0; code < table.length; code++) {
      if (((mask >>> table[code]) & 1) === 0) continue
      const first = code
      while (code + 1 < table.length && ((mask >>> table[code + 1]) & 1) === 1) code++
      ranges.push([first, code])
    }
    // Twice, because surrogates are a category but no characters.
    set = complement(complement(unionOf(ranges)))
    known.set(mask, set)
  }
  return set
}
