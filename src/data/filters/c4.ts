import { isCode } from './code.ts'
import type { Filter } from './filter.ts'
import { eachLine, firstInk, withoutLines } from './lines.ts'
import { requireRange } from './options.ts'
import { phrases } from './phrases.ts'
import { countSentences, endsSentence } from './terminals.ts'
import { javascriptPhrases, placeholderPhrases, policyPhrases } from './warnings.ts'
import { lettersPerWord } from './word-equivalents.ts'

export interface C4Options {
  /** Whether lines that do not end as a sentence does are left out. Default true. */
  readonly terminals?: boolean
  /** Fewest words of a line. Default 3. */
  readonly leastLineWords?: number
  /** Fewest sentences of what is left. Default 3. */
  readonly leastSentences?: number
  /** Most curly braces for each word. Default 0: a document with one is left out. */
  readonly mostBraces?: number
}

/**
 * Leaves out lines that are no sentences or that speak of the website itself (switch on JavaScript, privacy policy,
 * cookies; in several languages), and documents that hold lorem ipsum, curly braces, or too few sentences. Programs pass.
 *
 * It differs from the paper in that a line must speak of switching JavaScript on and not only name it, in that the ends
 * of sentences of all scripts count, and in that scripts which have none (Thai, Lao and others) are not asked for them.
 *
 * @throws ConfigError for options out of range
 * Cost: about two nanoseconds a byte beside the outline.
 * Source: Raffel et al. 2020, section 2.2.
 *
 * @example
 * const text = 'Menu\nIt rained. We went in. It was warm there.\nWe use cookies to make this page better.'
 * c4().judge(new Draft({ id: 'a', text, source: 's', meta: {} })).text // 'It rained. We went in. It was warm there.\n'
 */
export function c4(options: C4Options = {}): Filter {
  const { terminals = true, leastLineWords = 3, leastSentences = 3, mostBraces = 0 } = options
  requireRange('c4', { leastLineWords, leastSentences, mostBraces }, 0)
  const javascript = phrases(javascriptPhrases)
  const policies = phrases(policyPhrases)
  const placeholders = phrases(placeholderPhrases)
  const any = phrases([...javascriptPhrases, ...policyPhrases, ...placeholderPhrases])
  return {
    name: 'c4',
    settings: { terminals, leastLineWords, leastSentences, mostBraces },
    judge(draft) {
      if (isCode(draft)) return
      const { outline } = draft
      const { text, words } = outline
      // Most texts have none of these phrases: one look says so.
      const hasAny = any.within(words, 0, words.count)
      if (hasAny && placeholders.within(words, 0, words.count))
        return { drop: 'lorem ipsum', why: 'holds "lorem ipsum"' }
      let braces = 0
      for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) braces++
      if (braces > mostBraces * words.count) {
        return {
          drop: 'curly braces',
          why: `${braces} braces for ${words.count} words; at most ${mostBraces} for each`,
        }
      }
      const perWord = lettersPerWord(outline)
      const least = leastLineWords * perWord
      // Thai, Lao and others write no marks at the ends of sentences.
      const hasEnds = perWord < 5
      const did: Record<string, number> = {}
      const gone = new Uint8Array(outline.lines.count)
      let found = 0
      eachLine(outline, (line, from, end) => {
        const start = outline.lines.starts[line]
        const stop = outline.lines.ends[line]
        if (from === end && firstInk(text, start, stop) === stop) return
        let reason: string | undefined
        if (end - from < least) reason = 'lines of few words'
        else if (terminals && hasEnds && !endsSentence(text, start, stop)) reason = 'lines without an end'
        else if (hasAny && javascript.within(words, from, end)) reason = 'lines about JavaScript'
        else if (hasAny && policies.within(words, from, end)) reason = 'lines about policies'
        if (reason === undefined) {
          if (found < leastSentences) found += countSentences(text, start, stop, leastSentences)
        } else {
          did[reason] = (did[reason] ?? 0) + 1
          gone[line] = 1
        }
      })
      const needed = hasEnds ? leastSentences : Math.min(leastSentences, 1)
      if (found < needed) {
        return { drop: 'too few sentences', why: `${found} sentences; at least ${needed} are asked for` }
      }
      if (Object.keys(did).length > 0) return { text: withoutLines(outline, gone), did }
    },
  }
}
