import type { PreTokenizer } from '../stages.ts'
import { categories, numbers } from '../unicode/categories.ts'
import { cutAtCharacters } from './delimiters.ts'

/**
 * Cuts around numbers: digits of all scripts, fractions, Roman numerals.
 *
 * @param options.individual whether each digit is a piece of its own, and not each run of them; false unless said
 *
 * @example
 * digits().split({ text: '1991 жыл', isFirst: true }).map(({ text }) => text) // ['1991', ' жыл']
 * digits({ individual: true }).split({ text: '91', isFirst: true }).map(({ text }) => text) // ['9', '1']
 */
export function digits(options: { individual?: boolean } = {}): PreTokenizer {
  const { individual = false } = options
  return {
    json: { type: 'Digits', individual_digits: individual },
    split(part) {
      const table = categories(17)
      const isNumber = (code: number) => ((numbers >>> table[code]) & 1) === 1
      return cutAtCharacters(part, isNumber, individual ? 'isolated' : 'contiguous')
    },
  }
}
