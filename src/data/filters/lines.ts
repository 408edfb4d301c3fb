import type { Outline } from '../index.ts'

/** The first and the last word of each line: words [from, end). */
export function eachLine(outline: Outline, visit: (line: number, from: number, end: number) => void): void {
  const { lines, words } = outline
  let word = 0
  for (let line = 0; line < lines.count; line++) {
    const from = word
    while (word < words.count && words.starts[word] < lines.ends[line]) word++
    visit(line, from, word)
  }
}

/**
 * The text without some of its lines. Where lines go, the empty lines around them close up; the rest stays as it is.
 *
 * @param gone `[lines]` 1 where a line is left out
 *
 * @example
 * withoutLines(outlineOf('one\n\ntwo\n\nthree'), Uint8Array.of(0, 0, 1, 0, 0)) // 'one\n\nthree'
 */
export function withoutLines({ text, lines }: Outline, gone: Uint8Array): string {
  let kept = ''
  let copied = 0
  let empty = 0
  let afterGone = false
  for (let line = 0; line < lines.count; line++) {
    const start = lines.starts[line]
    const next = line + 1 < lines.count ? lines.starts[line + 1] : text.length
    if (gone[line]) {
      kept += text.slice(copied, start)
      copied = next
      afterGone = true
    } else if (lines.ends[line] > start) {
      empty = 0
      afterGone = false
    } else if (afterGone && empty > 0) {
      kept += text.slice(copied, start)
      copied = next
    } else empty++
  }
  return kept + text.slice(copied)
}

/** Where the first character that is no space stands; `end` when there is none. */
export function firstInk(text: string, start: number, end: number): number {
  let at = start
  while (at < end && isBlank(text.charCodeAt(at))) at++
  return at
}

/** A space within a line. */
export function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0xa0 || unit === 0x3000
}
