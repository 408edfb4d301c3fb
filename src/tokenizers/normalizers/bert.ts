import type { Normalizer } from '../stages.ts'
import { categories, controls, isWhiteSpace, nonspacingMarks } from '../unicode/categories.ts'
import { lowercase } from './lowercase.ts'
import { isOneOf } from './nmt.ts'
import { nfd } from './normal-forms.ts'
import { isAscii, rewritten } from './rewrite.ts'
import { normalizedInTurn } from './sequence.ts'
import { withoutMarks } from './strip-accents.ts'

/**
 * What BERT does to text before it is cut (Devlin et al. 2019).
 *
 * @param options.cleanText removes control characters and U+FFFD, and makes a space of all white space; true unless said
 * @param options.handleChineseChars puts spaces around each Chinese character; true unless said
 * @param options.stripAccents decomposes and removes nonspacing marks; like `lowercase` unless said
 * @param options.lowercase true unless said
 *
 * @example
 * bertNormalizer().normalize('Café\t字') // 'cafe  字 '
 */
export function bertNormalizer(
  options: {
    cleanText?: boolean
    handleChineseChars?: boolean
    stripAccents?: boolean | null
    lowercase?: boolean
  } = {},
): Normalizer {
  const { cleanText = true, handleChineseChars = true, stripAccents = null, lowercase: small = true } = options
  const stages: Pick<Normalizer, 'normalize'>[] = []
  if (cleanText || handleChineseChars) {
    stages.push({ normalize: (text, sources) => rewritten(text, cleaning(cleanText, handleChineseChars), sources) })
  }
  if (stripAccents ?? small) {
    stages.push(nfd(), { normalize: (text, sources) => withoutMarks(text, nonspacingMarks, 8, sources) })
  }
  if (small) stages.push(lowercase())
  // For ASCII nothing is left to do after the first, other than to make letters small.
  const inAscii = cleanText ? stages.slice(0, 1) : []
  if (small) inAscii.push(lowercase())
  return {
    json: {
      type: 'BertNormalizer',
      clean_text: cleanText,
      handle_chinese_chars: handleChineseChars,
      strip_accents: stripAccents,
      lowercase: small,
    },
    normalize: (text, sources) => normalizedInTurn(isAscii(text) ? inAscii : stages, text, sources),
  }
}

/** What stands for each character of clean text with spaces around Chinese ones, or only one of both. */
function cleaning(clean: boolean, spaces: boolean): (code: number) => string | undefined {
  const table = categories(8)
  return (code) => {
    if (code >= 0x20 && code < 0x7f) return undefined
    if (clean) {
      if (code === 0x09 || code === 0x0a || code === 0x0d) return ' '
      if (code === 0xfffd || (controls >>> table[code]) & 1) return ''
      if (isWhiteSpace(code)) return ' '
    }
    return spaces && code >= 0x3400 && isOneOf(code, ideographs) ? ` ${String.fromCodePoint(code)} ` : undefined
  }
}

/** First and last of the blocks of Chinese characters, without extensions newer than E. */
const ideographs = [
  [0x4e00, 0x9fff],
  [0x3400, 0x4dbf],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b73f],
  [0x2b740, 0x2b81f],
  [0x2b920, 0x2ceaf],
  [0xf900, 0xfaff],
  [0x2f800, 0x2fa1f],
]
