import { type AlignedText, slicedText } from '../../aligned-text.ts'
import type { PreTokenizer, Scanner, StageJson } from '../../stages.ts'
import { namedScanner, type PatternName } from './patterns.ts'

/**
 * The pre-tokenizer of a well-known encoding or model.
 *
 * @example
 * const { split } = pieces('o200k')
 * const parts = split({ text: 'hasOwnProperty: 12345 сөз', isFirst: true })
 * parts.map((part) => part.text) // ['has', 'Own', 'Property', ':', ' ', '123', '45', ' сөз']
 */
export function pieces(name: PatternName): PreTokenizer {
  const { json, scanner } = namedScanner(name)
  return scannedPieces(json, scanner)
}

/**
 * The pre-tokenizer that cuts as a scanner does.
 *
 * @param json how tokenizer.json spells it
 *
 * @example
 * const lines = {
 *   end(bytes, at, limit, last) {
 *     const newline = bytes.subarray(0, limit).indexOf(0x0a, at)
 *     return newline >= 0 ? newline + 1 : last ? limit : -1
 *   },
 * }
 * const json = { type: 'Split', pattern: { String: '\n' }, behavior: 'MergedWithPrevious', invert: false }
 * const parts = scannedPieces(json, lines).split({ text: 'бір\nекі', isFirst: true })
 * parts.map((part) => part.text) // ['бір\n', 'екі']
 */
export function scannedPieces(json: StageJson, scanner: Scanner): PreTokenizer {
  return {
    json,
    scanner,
    split(part: AlignedText): AlignedText[] {
      const bytes = encoder.encode(part.text)
      const parts: AlignedText[] = []
      let start = 0
      for (let at = 0; at < bytes.length; ) {
        const end = scanner.end(bytes, at, bytes.length, true)
        // Code units: one for each character, two for those of four bytes; bytes that continue one count for nothing.
        let stop = start
        for (; at < end; at++) if ((bytes[at] & 0xc0) !== 0x80) stop += bytes[at] >= 0xf0 ? 2 : 1
        parts.push(slicedText(part, start, stop))
        start = stop
      }
      return parts
    },
  }
}

const encoder = new TextEncoder()
