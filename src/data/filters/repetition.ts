import type { Outline } from '../index.ts'
import { isCode } from './code.ts'
import type { Drop, Filter } from './filter.ts'
import { requireRange } from './options.ts'
import { repeatedGrams } from './repeated-grams.ts'
import { repeatedLines } from './repeated-lines.ts'
import { lettersPerWord, wordLength } from './word-equivalents.ts'

export interface RepetitionOptions {
  /** Largest share of lines, and of paragraphs, that were there before. Default 0.3. */
  readonly mostLines?: number
  /** Largest share of characters in lines, and in paragraphs, that were there before. Default 0.2. */
  readonly mostLineCharacters?: number
  /** Largest share of characters in the commonest run of 2, 3, 4 words. Default 0.2, 0.18, 0.16. */
  readonly mostInTop?: readonly number[]
  /** Largest share of characters in runs of 5, 6, … 10 words that were there before. Default 0.15, 0.14, … 0.1. */
  readonly mostInRepeated?: readonly number[]
}

/**
 * Leaves out documents that say the same again and again. Shares of characters are shares of the code units of words.
 * Letters of scripts without spaces are taken together, and so are very short words, so that runs say about as much in any
 * language. Programs pass.
 *
 * @throws ConfigError for options out of range
 * Cost: some 4 to 7 ns a byte beside the outline; linear in any text.
 * Source: Rae et al. 2021, appendix A.1.1 and table A1.
 *
 * @example
 * const text = 'We sell and we rent houses here.\n'.repeat(9)
 * repetition().judge(new Draft({ id: 'a', text, source: 's', meta: {} }))
 * // { drop: 'repeated lines', why: '88.9 % of lines were there before; at most 30 % are asked for' }
 */
export function repetition(options: RepetitionOptions = {}): Filter {
  const { mostLines = 0.3, mostLineCharacters = 0.2 } = options
  const { mostInTop = [0.2, 0.18, 0.16], mostInRepeated = [0.15, 0.14, 0.13, 0.12, 0.11, 0.1] } = options
  requireRange('repetition', { mostLines, mostLineCharacters }, 0, 1)
  for (const share of mostInTop) requireRange('repetition', { mostInTop: share }, 0, 1)
  for (const share of mostInRepeated) requireRange('repetition', { mostInRepeated: share }, 0, 1)

  const leastMost = Math.min(...mostInRepeated)

  return {
    name: 'repetition',
    settings: { mostLines, mostLineCharacters, mostInTop, mostInRepeated },
    judge(draft) {
      if (isCode(draft)) return
      const { outline } = draft
      const { lines, paragraphs } = repeatedLines(outline)
      for (const [name, { parts, repeated, characters, repeatedCharacters }] of [
        ['lines', lines],
        ['paragraphs', paragraphs],
      ] as const) {
        if (repeated > mostLines * parts) {
          return repeats(`repeated ${name}`, `of ${name} were there before`, repeated / parts, mostLines)
        }
        if (repeatedCharacters > mostLineCharacters * characters) {
          const share = repeatedCharacters / characters
          return repeats(
            `characters in repeated ${name}`,
            `of characters are in ${name} that were there before`,
            share,
            mostLineCharacters,
          )
        }
      }
      let drop: Drop | undefined
      repeatedGrams(outline.words, stepOf(outline), (n, characters, all) => {
        if (n <= 4) {
          const most = mostInTop[n - 2] ?? 1
          if (characters <= most * all) return true
          drop = repeats(
            `top ${n}-gram`,
            `of characters are in the commonest ${n} words in a row`,
            characters / all,
            most,
          )
          return false
        }
        const most = mostInRepeated[n - 5] ?? 1
        // Those of longer runs are fewer: mostly none of them can be too many.
        if (characters <= most * all) return characters > leastMost * all
        const what = `of characters are in ${n} words in a row that were there before`
        drop = repeats(`repeated ${n}-grams`, what, characters / all, most)
        return false
      })
      return drop
    },
  }
}

/**
 * Words that are taken as one, so that five of them say about as much as five English words: letters of scripts without
 * spaces, and words of languages that set their particles apart (Hawaiian, with 2.8 letters a word).
 */
function stepOf(outline: Outline): number {
  const letters = lettersPerWord(outline)
  return letters > 1 ? Math.round(letters) : wordLength(outline) < 3.3 ? 2 : 1
}

function repeats(drop: string, what: string, share: number, most: number): Drop {
  return { drop, why: `${(100 * share).toFixed(1)} % ${what}; at most ${+(100 * most).toFixed(1)} % are asked for` }
}
