import type { Outline } from '../index.ts'
import { beginnings, wholeLines } from './boilerplate.ts'
import { isCode } from './code.ts'
import type { Filter } from './filter.ts'
import { withoutLines } from './lines.ts'
import { requireRange } from './options.ts'
import { phrases } from './phrases.ts'

export interface LineRulesOptions {
  /** Lines that are looked at from either end, empty ones aside, up to the first that is longer. Default 12. */
  readonly edge?: number
  /** A line of more words is text. Default 12. */
  readonly mostWords?: number
  /** Further lines, by their words, that go when they are nothing else. */
  readonly also?: readonly string[]
}

/**
 * Takes buttons, menus and notices (read more, Бөлісу, Читать далее) from the beginning and the end of a document. A line
 * in the middle stays, and so do programs.
 *
 * @throws ConfigError for options below 0
 * Cost: about half a nanosecond a byte beside the outline.
 * Source: our own lists; the idea is that of the line filters in Penedo et al. 2023, section 3.1 and appendix G.2.
 *
 * @example
 * const text = 'Home\nThe river froze last night.\nБөлісу\nRead more »'
 * lineRules().judge(new Draft({ id: 'a', text, source: 's', meta: {} }))
 * // { text: 'The river froze last night.\n', did: { 'lines of boilerplate': 3 } }
 */
export function lineRules(options: LineRulesOptions = {}): Filter {
  const { edge = 12, mostWords = 12, also = [] } = options
  requireRange('lineRules', { edge, mostWords }, 0)
  const whole = phrases([...Object.values(wholeLines).flat(), ...also])
  const first = phrases(Object.values(beginnings).flat())

  function isBoilerplate(outline: Outline, line: number, from: number, end: number): boolean {
    const { text, words, lines } = outline
    if (first.startsAt(words, from, end)) return true
    if (!whole.isAll(words, from, end)) return false
    // A heading, or a sentence of one word.
    const start = lines.starts[line]
    return (
      text.charCodeAt(start) !== 0x23 &&
      !/[^.][.!?。]["'»”’)]*\s*$/.test(text.slice(words.ends[end - 1] - 1, lines.ends[line]))
    )
  }

  return {
    name: 'line-rules',
    settings: { edge, mostWords, also },
    judge(draft) {
      if (isCode(draft)) return
      const { outline } = draft
      const { words, lines } = outline
      const gone: number[] = []
      let line = 0
      let word = 0
      for (let looked = 0; line < lines.count && looked < edge; line++) {
        const from = word
        while (word < words.count && words.starts[word] < lines.ends[line]) word++
        if (word - from > mostWords) break
        if (word > from) looked++
        if (word > from && isBoilerplate(outline, line, from, word)) gone.push(line)
      }
      const top = line
      line = lines.count - 1
      word = words.count
      for (let looked = 0; line >= top && looked < edge; line--) {
        const end = word
        while (word > 0 && words.starts[word - 1] >= lines.starts[line]) word--
        if (end - word > mostWords) break
        if (end > word) looked++
        if (end > word && isBoilerplate(outline, line, word, end)) gone.push(line)
      }
      if (gone.length === 0) return
      const marked = new Uint8Array(lines.count)
      for (const each of gone) marked[each] = 1
      const text = withoutLines(outline, marked)
      if (text.trim() === '') return { drop: 'nothing but boilerplate', why: `all of ${gone.length} lines with words` }
      return { text, did: { 'lines of boilerplate': gone.length } }
    },
  }
}
