import { type AlignedText, slicedText } from '../aligned-text.ts'
import type { PreTokenizer } from '../stages.ts'
import { isWhiteSpace } from '../unicode/categories.ts'
import { isPunctuation } from './punctuation.ts'

/**
 * Cuts as BERT does (Devlin et al. 2019): at white space, which is dropped, and around each punctuation character.
 *
 * @example
 * bertPreTokenizer().split({ text: "don't stop", isFirst: true }).map(({ text }) => text) // ['don', "'", 't', 'stop']
 */
export function bertPreTokenizer(): PreTokenizer {
  return {
    json: { type: 'BertPreTokenizer' },
    split(part) {
      const { text } = part
      const isSign = isPunctuation()
      const pieces: AlignedText[] = []
      let start = 0
      for (let at = 0; at < text.length; ) {
        const code = text.codePointAt(at)!
        const end = at + (code > 0xffff ? 2 : 1)
        const isSpace = isWhiteSpace(code)
        if (isSpace || isSign(code)) {
          if (start < at) pieces.push(slicedText(part, start, at))
          if (!isSpace) pieces.push(slicedText(part, at, end))
          start = end
        }
        at = end
      }
      if (start < text.length) pieces.push(slicedText(part, start, text.length))
      return pieces
    },
  }
}
