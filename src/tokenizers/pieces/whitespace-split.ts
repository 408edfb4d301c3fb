import type { PreTokenizer } from '../stages.ts'
import { isWhiteSpace } from '../unicode/categories.ts'
import { cutAtCharacters } from './delimiters.ts'

/**
 * Cuts at white space, and drops it.
 *
 * @example
 * whitespaceSplit().split({ text: 'Сәлем, әлем!', isFirst: true }).map(({ text }) => text) // ['Сәлем,', 'әлем!']
 */
export function whitespaceSplit(): PreTokenizer {
  return { json: { type: 'WhitespaceSplit' }, split: (part) => cutAtCharacters(part, isWhiteSpace, 'removed') }
}
