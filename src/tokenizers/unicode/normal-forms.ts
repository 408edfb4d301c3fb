import { categories, isIn, unassigned } from './categories.ts'

export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD'

/**
 * A text in a normal form. Characters that Unicode 9 did not have stay as they are and join nothing, whatever the
 * engine knows about them: so it is in the reference (Rust's unicode-normalization-alignments).
 */
export function normalForm(text: string, form: NormalForm): string {
  if (isAscii(text)) return text
  const table = categories(9)
  let result = ''
  let start = 0
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    const end = at + (code > 0xffff ? 2 : 1)
    if ((unassigned >>> table[code]) & 1) {
      result += text.slice(start, at).normalize(form) + text.slice(at, end)
      start = end
    }
    at = end
  }
  return result + text.slice(start).normalize(form)
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** The full decomposition of one character: what NFD or NFKD make of it alone. */
export function decomposed(codePoint: number, form: 'NFD' | 'NFKD'): string {
  const character = String.fromCodePoint(codePoint)
  return isIn(codePoint, unassigned, 9) ? character : character.normalize(form)
}

/** What two characters join to in NFC, such as e and U+0301; undefined when they stay two. */
export function composed(first: number, second: number): number | undefined {
  const joined = normalForm(String.fromCodePoint(first, second), 'NFC')
  const code = joined.codePointAt(0)!
  return joined === String.fromCodePoint(code) ? code : undefined
}

/** Whether normal forms put the second of two neighbours first: both are decomposed marks, and its class is lower. */
export function isReordered(first: number, second: number): boolean {
  const pair = String.fromCodePoint(first, second)
  return normalForm(pair, 'NFD') === String.fromCodePoint(second, first) && first !== second
}

/** Whether a character attaches to the one before it: its canonical combining class is not 0. */
export function isCombining(codePoint: number): boolean {
  // U+0334 has the lowest class and U+0345 the highest, and neither is decomposed.
  return isReordered(codePoint, 0x334) || isReordered(0x345, codePoint)
}
