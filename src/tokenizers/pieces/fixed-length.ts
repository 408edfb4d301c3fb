import { ConfigError } from '../../base/index.ts'
import { type AlignedText, slicedText } from '../aligned-text.ts'
import type { PreTokenizer } from '../stages.ts'

/**
 * Cuts into pieces of a number of characters (code points); the last may be shorter.
 *
 * @param length 5 unless said
 * @throws ConfigError when it is not a positive integer
 *
 * @example
 * fixedLength(3).split({ text: 'Alippe', isFirst: true }).map(({ text }) => text) // ['Ali', 'ppe']
 */
export function fixedLength(length = 5): PreTokenizer {
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new ConfigError(`fixedLength: expected a positive integer, got ${length}`)
  }
  return {
    json: { type: 'FixedLength', length },
    split(part) {
      const { text } = part
      const pieces: AlignedText[] = []
      for (let start = 0; start < text.length; ) {
        let end = start
        for (let n = 0; n < length && end < text.length; n++) end += text.codePointAt(end)! > 0xffff ? 2 : 1
        pieces.push(slicedText(part, start, end))
        start = end
      }
      return pieces
    },
  }
}
