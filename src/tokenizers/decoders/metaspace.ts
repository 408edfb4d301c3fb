import type { Decoder } from '../stages.ts'
import { eachToken } from './decoded-text.ts'

/** Before which parts of a text the metaspace is put: all, only the one that begins the text, or none. */
export type PrependScheme = 'always' | 'first' | 'never'

/**
 * Decodes tokens in which a character stands for the space, and one of them was put before the text.
 *
 * @example
 * decodedText(metaspaceDecoder(), ['▁two', '▁words']) // 'two words'
 */
export function metaspaceDecoder(
  options: { replacement?: string; prependScheme?: PrependScheme; split?: boolean } = {},
): Decoder {
  const { replacement = '▁', prependScheme = 'always', split = true } = options
  return {
    json: { type: 'Metaspace', replacement, prepend_scheme: prependScheme, split },
    begin: (emit) =>
      eachToken(emit, (token, index) =>
        token.replaceAll(replacement, index === 0 && prependScheme !== 'never' ? '' : ' '),
      ),
  }
}
