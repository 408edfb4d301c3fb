/** Marks that end a sentence, of any script. */
const marks = new Set(Array.from('.!?…‽⁇⁈⁉。．！？｡؟۔।॥։።፧။។៕།᠃᱿', (mark) => mark.charCodeAt(0)))
/** Marks that end a sentence without a space behind them. */
const wideMarks = new Set(Array.from('。！？｡।॥።။។៕།', (mark) => mark.charCodeAt(0)))
const quotes = new Set(Array.from('"\'”’“»«›‹」』', (mark) => mark.charCodeAt(0)))
const brackets = new Set(Array.from(')]}）】〉》*_`', (mark) => mark.charCodeAt(0)))

/**
 * Whether text [start, end) ends as a sentence does: with a mark of any script or a closing quotation mark, brackets and
 * spaces behind it aside.
 *
 * @example
 * endsSentence('Сәлем!) ', 0, 8) // true
 * endsSentence('Мәзір', 0, 5) // false
 */
export function endsSentence(text: string, start: number, end: number): boolean {
  for (let at = end - 1; at >= start; at--) {
    const unit = text.charCodeAt(at)
    if (marks.has(unit) || quotes.has(unit)) return true
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0xa0 && !brackets.has(unit)) return false
  }
  return false
}

/**
 * The ends of sentences within text [start, end), counted up to `enough`; 1 where there is none.
 *
 * @example
 * countSentences('One. Two? Version 1.5', 0, 21, 9) // 2
 */
export function countSentences(text: string, start: number, end: number, enough: number): number {
  let count = 0
  for (let at = start; at < end && count < enough; at++) {
    const unit = text.charCodeAt(at)
    // Most characters are neither; marks below 0x100 are the three of ASCII.
    if (unit > 0x3f && unit < 0x100) continue
    if (!marks.has(unit)) continue
    if (wideMarks.has(unit) || at + 1 === end || !isWordLike(text.charCodeAt(at + 1))) {
      count++
      while (at + 1 < end && marks.has(text.charCodeAt(at + 1))) at++
    }
  }
  return Math.max(count, 1)
}

/** Letters and digits, roughly: what stands behind the dot of a number, a name of a file, an abbreviation. */
function isWordLike(unit: number): boolean {
  return unit > 0xbf
    ? !marks.has(unit) && !quotes.has(unit) && unit !== 0x3000
    : /[0-9A-Za-z]/.test(String.fromCharCode(unit))
}
