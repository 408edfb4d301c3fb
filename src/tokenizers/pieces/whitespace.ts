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
      let kind: number = white
      for (let at = 0; at < text.length; ) {
        const code = text.codePointAt(at)!
        const next = kindOf(code)
        if (next !== kind) {
          if (kind !== white) pieces.push(slicedText(part, start, at))
          start = at
          kind = next
        }
        at += code > 0xffff ? 2 : 1
      }
      if (kind !== white) pieces.push(slicedText(part, start, text.length))
      return pieces
    },
  }
}

const white = 1
const word = 2
const sign = 3
/** The kind of each code point that was asked for; 0 for others. */
let known = new Uint8Array(0)

function kindOf(code: number): number {
  if (known.length === 0) known = new Uint8Array(0x110000)
  if (known[code] === 0) known[code] = isWhiteSpace(code) ? white : isWordCharacter(code) ? word : sign
  return known[code]
}
