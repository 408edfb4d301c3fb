import { type AlignedText, slicedText } from '../aligned-text.ts'
import type { PreTokenizer } from '../stages.ts'
import { isWhiteSpace } from '../unicode/categories.ts'
import { isWordCharacter } from '../unicode/word-characters.ts'

/**
 * Cuts into words and runs of other signs, and drops white space: `\w+|[^\w\s]+`.
 *
 * @example
 * whitespace().split({ text: 'Сәлем, әлем!..', isFirst: true }).map(({ text }) => text) // ['Сәлем', ',', 'әлем', '!..']
 */
export function whitespace(): PreTokenizer {
  return {
    json: { type: 'Whitespace' },
    split(part) {
      const { text } = part
      const pieces: AlignedText[] = []
      let start = 0
      let kind = 0
      for (let at = 0; at < text.length; ) {
        const code = text.codePointAt(at)!
        const next = isWordCharacter(code) ? 1 : isWhiteSpace(code) ? 0 : 2
        if (next !== kind) {
          if (kind !== 0) pieces.push(slicedText(part, start, at))
          start = at
          kind = next
        }
        at += code > 0xffff ? 2 : 1
      }
      if (kind !== 0) pieces.push(slicedText(part, start, text.length))
      return pieces
    },
  }
}
