import type { Normalizer } from '../stages.ts'
import { rewritten } from './rewrite.ts'

/**
 * Cleans as translation models of SentencePiece do: removes control characters, and makes spaces of line ends, joiners,
 * marks of direction and other white space.
 *
 * @example
 * nmt().normalize('екі\u200Bсөз\n') // 'екі сөз '
 */
export function nmt(): Normalizer {
  return {
    json: { type: 'Nmt' },
    normalize: (text, sources) => rewritten(text, cleaned, sources),
  }
}

function cleaned(code: number): string | undefined {
  if (code < 0x20) return isOneOf(code, spaces) ? ' ' : code === 0 ? undefined : ''
  if (code < 0x7f) return undefined
  if (code === 0x7f || code === 0x8f || code === 0x9f) return ''
  return isOneOf(code, spaces) ? ' ' : undefined
}

/** First and last of what becomes a space. */
const spaces = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x1680, 0x1680],
  [0x200b, 0x200f],
  [0x2028, 0x2029],
  [0x2581, 0x2581],
  [0xfeff, 0xfeff],
  [0xfffd, 0xfffd],
]

export function isOneOf(code: number, ranges: readonly (readonly number[])[]): boolean {
  return ranges.some(([first, last]) => code >= first && code <= last)
}
