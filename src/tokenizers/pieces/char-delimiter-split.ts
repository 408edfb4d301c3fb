import type { PreTokenizer } from '../stages.ts'
import { cutAtCharacters } from './delimiters.ts'
import { oneCharacter } from './one-character.ts'

/**
 * Cuts at a character, and drops it.
 *
 * @throws ConfigError when the delimiter is not one character
 *
 * @example
 * charDelimiterSplit('|').split({ text: 'бір|екі', isFirst: true }).map(({ text }) => text) // ['бір', 'екі']
 */
export function charDelimiterSplit(delimiter: string): PreTokenizer {
  const only = oneCharacter(delimiter, 'charDelimiterSplit: the delimiter').codePointAt(0)
  return {
    json: { type: 'CharDelimiterSplit', delimiter },
    split: (part) => cutAtCharacters(part, (code) => code === only, 'removed'),
  }
}
