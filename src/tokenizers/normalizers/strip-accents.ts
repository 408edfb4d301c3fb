import type { Normalizer } from '../stages.ts'
import { categories, marks, type UnicodeVersion } from '../unicode/categories.ts'
import { rewritten } from './rewrite.ts'

/**
 * Removes combining marks of the text as it stands; accents of composed letters only after {@link nfd}.
 *
 * @example
 * normalizerSequence([nfd(), stripAccents()]).normalize('café') // 'cafe'
 */
export function stripAccents(): Normalizer {
  return { json: { type: 'StripAccents' }, normalize: (text, sources) => withoutMarks(text, marks, 9, sources) }
}

const firstMark = 0x300

/** A text without the characters of some categories, all of them marks. */
export function withoutMarks(text: string, mask: number, version: UnicodeVersion, sources?: number[]): string {
  const table = categories(version)
  return rewritten(text, (code) => (code >= firstMark && (mask >>> table[code]) & 1 ? '' : undefined), sources)
}
