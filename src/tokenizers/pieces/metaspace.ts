import { type AlignedText, normalizedText, slicedText } from '../aligned-text.ts'
import type { PrependScheme } from '../decoders/metaspace.ts'
import { prepend } from '../normalizers/prepend.ts'
import { replace } from '../normalizers/replace.ts'
import type { PreTokenizer } from '../stages.ts'
import { oneCharacter } from './one-character.ts'

/**
 * Puts a visible character in the place of spaces, and one before the text, and cuts before each of them.
 *
 * @param options.replacement one character; U+2581 unless said
 * @param options.prependScheme before which parts of a text one is put that do not begin with one; all unless said
 * @param options.split whether to cut; true unless said
 * @throws ConfigError when the replacement is not one character
 *
 * @example
 * metaspace().split({ text: 'екі сөз', isFirst: true }).map(({ text }) => text) // ['▁екі', '▁сөз']
 */
export function metaspace(
  options: { replacement?: string; prependScheme?: PrependScheme; split?: boolean } = {},
): PreTokenizer {
  const { replacement = '▁', prependScheme = 'always', split = true } = options
  oneCharacter(replacement, 'metaspace: the replacement')
  const replacing = replace({ text: ' ' }, replacement)
  const prepending = prepend(replacement)
  return {
    json: { type: 'Metaspace', replacement, prepend_scheme: prependScheme, split },
    split(part) {
      if (part.text === '') return []
      let whole = normalizedText(part, replacing)
      const isWanted = prependScheme === 'always' || (prependScheme === 'first' && part.isFirst)
      if (isWanted && !whole.text.startsWith(replacement)) whole = normalizedText(whole, prepending)
      return split ? cutBefore(whole, replacement) : [whole]
    },
  }
}

function cutBefore(whole: AlignedText, character: string): AlignedText[] {
  const { text } = whole
  const pieces: AlignedText[] = []
  let start = 0
  for (let next = text.indexOf(character, 1); next >= 0; next = text.indexOf(character, next + 1)) {
    pieces.push(slicedText(whole, start, next))
    start = next
  }
  pieces.push(slicedText(whole, start, text.length))
  return pieces
}
