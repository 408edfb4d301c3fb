import { type ByteLevelFlags, byteLevelJson } from '../decoders/byte-level.ts'
import type { Encoding } from '../encoding.ts'
import type { PostProcessor } from '../stages.ts'
import { isWhiteSpace } from '../unicode/categories.ts'

/**
 * Takes white space out of the offsets of tokens of a byte-level tokenizer, where asked to.
 *
 * @example
 * byteLevelProcessor({ trimOffsets: true }).addedTokens(true) // 0
 */
export function byteLevelProcessor(flags: ByteLevelFlags = {}): PostProcessor {
  const { trimOffsets = true, addPrefixSpace = true } = flags
  return {
    json: byteLevelJson(flags),
    addedTokens: () => 0,
    process: (encodings) => (trimOffsets ? encodings.map((e) => trimmedOffsets(e, addPrefixSpace)) : [...encodings]),
  }
}

const isSpace = (character: string) => character === 'Ġ' || isWhiteSpace(character.charCodeAt(0))

/** Offsets without the white space that tokens begin and end with, in an encoding and its overflow. */
export function trimmedOffsets(encoding: Encoding, addPrefixSpace: boolean): Encoding {
  const starts = encoding.starts.slice()
  const ends = encoding.ends.slice()
  encoding.tokens.forEach((token, i) => {
    let leading = 0
    while (leading < token.length && isSpace(token[leading])) leading++
    let trailing = 0
    while (trailing < token.length && isSpace(token[token.length - 1 - trailing])) trailing++
    // The one space that was put before the text takes no room in it.
    if (leading === 1 && addPrefixSpace && (i === 0 || starts[i] === 0)) leading = 0
    starts[i] = Math.min(starts[i] + leading, ends[i])
    if (ends[i] >= trailing) ends[i] = Math.max(ends[i] - trailing, starts[i])
  })
  return {
    ...encoding,
    starts,
    ends,
    overflow: encoding.overflow.map((window) => trimmedOffsets(window, addPrefixSpace)),
  }
}
