import type { ReplacePattern } from '../decoders/replace.ts'
import { textPattern } from '../normalizers/text-pattern.ts'
import type { PreTokenizer } from '../stages.ts'
import { behaviorJson, cutting, type SplitBehavior } from './delimiters.ts'
import { scannerOfPattern } from './scanners/patterns.ts'
import { scannedPieces } from './scanners/pieces.ts'

/**
 * Cuts at the matches of a pattern.
 *
 * @param pattern a text, or a regular expression in the reading of tokenizer.json
 * @param behavior what becomes of the matches
 * @param options.invert whether the matches are what is between delimiters, and not the delimiters; false unless said
 * @throws ConfigError for a regular expression that is not supported
 *
 * @example
 * const { split: cut } = split({ regex: '[0-9]{1,3}' }, 'isolated')
 * cut({ text: 'жыл 2026', isFirst: true }).map(({ text }) => text) // ['жыл ', '202', '6']
 */
export function split(
  pattern: ReplacePattern,
  behavior: SplitBehavior,
  options: { invert?: boolean } = {},
): PreTokenizer {
  const { invert = false } = options
  const compiled = textPattern(pattern)
  const json = { type: 'Split', pattern: compiled.json, behavior: behaviorJson(behavior), invert }
  const scanner = scannerOfPattern(json)
  if (scanner !== undefined) return scannedPieces(json, scanner)
  return {
    json,
    split(whole) {
      const { text } = whole
      const { part, pieces } = cutting(whole, behavior)
      let done = 0
      for (const { start, end } of compiled.matches(text)) {
        if (done < start) part(start, invert)
        part(end, !invert)
        done = end
      }
      if (done < text.length) part(text.length, invert)
      return pieces()
    },
  }
}
