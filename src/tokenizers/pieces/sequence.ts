import type { AlignedText } from '../aligned-text.ts'
import type { PreTokenizer } from '../stages.ts'
import { scannerOfPattern } from './scanners/patterns.ts'
import { scannedPieces } from './scanners/pieces.ts'

/**
 * Pre-tokenizers one after the other, each for the pieces of the one before.
 *
 * @example
 * const { split } = preTokenizerSequence([whitespaceSplit(), digits()])
 * split({ text: 'жыл 2026ж', isFirst: true }).map(({ text }) => text) // ['жыл', '2026', 'ж']
 */
export function preTokenizerSequence(preTokenizers: readonly PreTokenizer[]): PreTokenizer {
  const json = { type: 'Sequence', pretokenizers: preTokenizers.map((each) => each.json) }
  const scanner = scannerOfPattern(json)
  if (scanner !== undefined) return scannedPieces(json, scanner)
  return {
    json,
    split: (part) =>
      preTokenizers.reduce<AlignedText[]>(
        (pieces, each) => pieces.flatMap((piece) => each.split(piece)),
        part.text === '' ? [] : [part],
      ),
  }
}
