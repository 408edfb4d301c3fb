import { type Outline, outlineOf, type Words } from '../index.ts'
import { isCode } from './code.ts'
import type { Drop, Filter } from './filter.ts'
import { languageRules } from './languages.ts'
import { firstInk, isBlank } from './lines.ts'
import { requireRange } from './options.ts'
import { lettersPerWord, wordEquivalents, wordLength } from './word-equivalents.ts'

export interface GopherOptions {
  /** Fewest words. Default 50. */
  readonly leastWords?: number
  /** Most words. Default 100,000. */
  readonly mostWords?: number
  /** Most `#`, and most ellipses, for each word. Default 0.1. */
  readonly mostSymbols?: number
  /** Largest share of lines that begin with a bullet. Default 0.9. */
  readonly mostBullets?: number
  /** Largest share of lines that end with an ellipsis. Default 0.3. */
  readonly mostEllipses?: number
  /** Smallest share of chunks between spaces that hold a letter. Default 0.8. */
  readonly leastLettered?: number
  /** How many of its language's stop words a text must hold. Default 2. */
  readonly leastStopWords?: number
}

/** Letters of a word on average in any language: from Vai's syllables (1.8) to Sanskrit's compounds (15.7), and some. */
const anyWordLength = [1.5, 20] as const

/**
 * Leaves out documents that are no running text. Rules about a language apply only to texts that are said to be of that
 * language: words have from 0.6 to 2 times the length that the language's words have on average (3 to 10 in English), and
 * some stop words are there. Where a script sets no spaces between words, letters are counted instead. Programs pass.
 *
 * @throws ConfigError for options out of range
 * Cost: about half a nanosecond a byte beside the outline.
 * Source: Rae et al. 2021, appendix A.1.1.
 *
 * @example
 * gopher().judge(new Draft({ id: 'a', text: 'Too short.', source: 's', meta: {} }))
 * // { drop: 'too few words', why: '2 words; at least 50 are asked for' }
 */
export function gopher(options: GopherOptions = {}): Filter {
  const { leastWords = 50, mostWords = 100_000, leastStopWords = 2 } = options
  const { mostSymbols = 0.1, mostBullets = 0.9, mostEllipses = 0.3, leastLettered = 0.8 } = options
  requireRange('gopher', { leastWords, mostWords, mostSymbols, leastStopWords }, 0)
  requireRange('gopher', { mostBullets, mostEllipses, leastLettered }, 0, 1)
  const stopWords = new Map<string, ReadonlySet<number>>()

  /** The different stop words in a text; looks no further than it has to. */
  function stopWordsIn({ hashes, count }: Words, language: string, list: readonly string[]): number {
    let known = stopWords.get(language)
    if (known === undefined) stopWords.set(language, (known = new Set(outlineOf(list.join(' ')).words.hashes)))
    const found = new Set<number>()
    for (let i = 0; i < count && found.size < leastStopWords; i++) if (known.has(hashes[i])) found.add(hashes[i])
    return found.size
  }

  function judgeLines({ text, lines }: Outline): Drop | undefined {
    let bullets = 0
    let ellipses = 0
    let full = 0
    for (let i = 0; i < lines.count; i++) {
      const start = firstInk(text, lines.starts[i], lines.ends[i])
      if (start === lines.ends[i]) continue
      full++
      if (isBullet(text.charCodeAt(start))) bullets++
      if (endsWithEllipsis(text, start, lines.ends[i])) ellipses++
    }
    if (bullets > mostBullets * full)
      return tooMany('bullets', 'of lines begin with a bullet', bullets / full, mostBullets)
    if (ellipses > mostEllipses * full) {
      return tooMany('ellipses', 'of lines end with an ellipsis', ellipses / full, mostEllipses)
    }
  }

  return {
    name: 'gopher',
    settings: { leastWords, mostWords, mostSymbols, mostBullets, mostEllipses, leastLettered, leastStopWords },
    judge(draft) {
      if (isCode(draft)) return
      const { outline, language } = draft
      const { text, words, chunks, letteredChunks } = outline
      const count = wordEquivalents(outline)
      if (count < leastWords) {
        return { drop: 'too few words', why: `${Math.round(count)} words; at least ${leastWords} are asked for` }
      }
      if (count > mostWords) {
        return { drop: 'too many words', why: `${Math.round(count)} words; at most ${mostWords} are asked for` }
      }
      const known = languageRules(language)
      if (lettersPerWord(outline) === 1) {
        const length = wordLength(outline)
        const [least, most] = known ? [0.6 * known.wordLength, 2 * known.wordLength] : anyWordLength
        if (length < least || length > most) {
          const limits = `${least.toFixed(1)} to ${most.toFixed(1)} are asked for`
          return { drop: 'length of words', why: `words have ${length.toFixed(1)} letters on average; ${limits}` }
        }
      }
      const symbols = Math.max(occurrences(text, '#'), occurrences(text, '…') + occurrences(text, '...'))
      if (symbols > mostSymbols * count)
        return tooMany('symbols', 'symbols for each word', symbols / count, mostSymbols)
      if (letteredChunks < leastLettered * chunks) {
        const share = `${percent(letteredChunks / chunks)} of chunks hold a letter`
        return { drop: 'too few letters', why: `${share}; at least ${percent(leastLettered)} are asked for` }
      }
      const lines = judgeLines(outline)
      if (lines !== undefined) return lines
      if (known !== undefined) {
        const found = stopWordsIn(words, language!, known.stopWords)
        if (found < leastStopWords) {
          const what = `${found} stop words of ${language}`
          return { drop: 'too few stop words', why: `${what}; at least ${leastStopWords} are asked for` }
        }
      }
    },
  }
}

function tooMany(drop: string, what: string, share: number, most: number): Drop {
  return { drop, why: `${percent(share)} ${what}; at most ${percent(most)} are asked for` }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function occurrences(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}

/** • ‣ ◦ ▪ ● ■ ∙ · * - – — + */
function isBullet(unit: number): boolean {
  if (unit < 0x80) return unit === 0x2a || unit === 0x2d || unit === 0x2b
  return '•‣◦▪●■∙·–—'.includes(String.fromCharCode(unit))
}

function endsWithEllipsis(text: string, start: number, end: number): boolean {
  let at = end - 1
  while (at > start && isBlank(text.charCodeAt(at))) at--
  return text.charCodeAt(at) === 0x2026 || (at >= start + 2 && text.startsWith('...', at - 2))
}
