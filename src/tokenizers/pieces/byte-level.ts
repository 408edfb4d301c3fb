import { normalizedText } from '../aligned-text.ts'
import { type ByteLevelFlags, byteLevelJson } from '../decoders/byte-level.ts'
import { byteLevelNormalizer } from '../normalizers/byte-level.ts'
import { prepend } from '../normalizers/prepend.ts'
import type { PreTokenizer } from '../stages.ts'
import { namedScanner } from './scanners/patterns.ts'
import { scannedPieces } from './scanners/pieces.ts'

/**
 * Cuts as GPT-2 does, and spells every byte of UTF-8 as a character of the byte alphabet. Models over bytes do without
 * this; it is for other models, and for what stands before other stages.
 *
 * @param flags.addPrefixSpace puts a space before what does not begin with one; true unless said
 * @param flags.useRegex whether to cut; true unless said
 * @param flags.trimOffsets does nothing here
 *
 * @example
 * const { split } = byteLevelPreTokenizer()
 * split({ text: 'екі go', isFirst: true }).map(({ text }) => text) // ['ĠÐµÐºÑĸ', 'Ġgo']
 */
export function byteLevelPreTokenizer(flags: ByteLevelFlags = {}): PreTokenizer {
  const { addPrefixSpace = true, useRegex = true } = flags
  const gpt2 = namedScanner('gpt2')
  const { split } = scannedPieces(gpt2.json, gpt2.scanner)
  const prepending = prepend(' ')
  const spelling = byteLevelNormalizer()
  return {
    json: byteLevelJson(flags),
    split(part) {
      if (part.text === '') return []
      const whole = addPrefixSpace && !part.text.startsWith(' ') ? normalizedText(part, prepending) : part
      return (useRegex ? split(whole) : [whole]).map((piece) => normalizedText(piece, spelling))
    },
  }
}
