import { longestAt } from '../longest-at.ts'
import type { Normalizer } from '../stages.ts'
import { decimalNumbers, isIn, letters, marks, unassigned } from '../unicode/categories.ts'
import { isInScript } from '../unicode/scripts.ts'

/** A part of a longer string keeps all of it in memory, so what is kept is copied from this length on. */
const longestInPlace = 12

/** A number for each distinct string, in the order of their first coming. */
export type Counts = Map<string, number>

function add(counts: Counts, key: string, count: number): void {
  const before = counts.get(key)
  if (before !== undefined) counts.set(key, before + count)
  else counts.set(key.length > longestInPlace ? copied(key) : key, count)
}
const copied = (text: string): string => text.split('').join('')

/**
 * Counts the words of normalized text that arrives in parts, cut before each space.
 *
 * @param options.byLine lines have to be normalized as a whole; otherwise what stands between spaces is, once for each
 * @param options.symbols never part of a word
 */
export function wordCounter(
  normalizer: Normalizer,
  options: { byLine: boolean; symbols: readonly string[]; space: string },
): { push(part: string): void; end(): Counts } {
  const { byLine, space } = options
  const raw: Counts = new Map()
  const words: Counts = new Map()
  const symbolEnd = longestAt(options.symbols)
  let pending = ''

  function addNormalized(text: string, count: number): void {
    const normalized = normalizer.normalize(text.isWellFormed() ? text : text.toWellFormed())
    let start = 0
    const flush = (end: number): void => {
      if (end > start) add(words, normalized.slice(start, end), count)
      start = end
    }
    for (let at = 0; at < normalized.length; ) {
      if (normalized[at] === space) flush(at)
      const end = symbolEnd(normalized, at)
      if (end > at) {
        flush(at)
        start = end
      }
      at = Math.max(end, at + 1)
    }
    flush(normalized.length)
  }

  function take(text: string): void {
    for (let at = 0; at < text.length; at++) {
      let end = at
      for (let unit = text.charCodeAt(end); end < text.length; unit = text.charCodeAt(++end)) {
        if (unit === 0x0a || (unit === 0x20 && !byLine)) break
      }
      if (end > at) {
        if (byLine) addNormalized(text.slice(at, end), 1)
        else add(raw, text.slice(at, end), 1)
      }
      at = end
    }
  }

  return {
    push(part) {
      const text = pending + part
      const end = Math.max(text.lastIndexOf('\n'), byLine ? -1 : text.lastIndexOf(' ')) + 1
      take(text.slice(0, end))
      pending = text.slice(end)
    },
    end() {
      take(pending)
      pending = ''
      for (const [text, count] of raw) addNormalized(text, count)
      raw.clear()
      return words
    },
  }
}

/**
 * The characters that make up a share of a text, the most frequent first; of equals the lowest code point.
 *
 * @param coverage the share, in (0, 1]
 */
export function requiredCharacters(words: Counts, coverage: number): Map<number, number> {
  const counts = new Map<number, number>()
  let all = 0
  for (const [word, count] of words) {
    for (let at = 0; at < word.length; ) {
      const code = word.codePointAt(at)!
      at += code < 0x10000 ? 1 : 2
      if (code === 0) continue
      counts.set(code, (counts.get(code) ?? 0) + count)
      all += count
    }
  }
  const required = new Map<number, number>()
  let covered = 0
  for (const [code, count] of [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    if (covered / all >= coverage) break
    required.set(code, count)
    covered += count
  }
  return required
}

/** What a character's script is called where it takes that of the character before, or has none of its own. */
const inherited = 255
const otherLetters = 254
const common = 0

const namedScripts = (
  'Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew ' +
  'Hiragana Kannada Katakana Khmer Lao Latin Malayalam Mongolian Myanmar Sinhala Tamil Telugu Thai Tibetan'
).split(' ')

/** A number for the script of a character. Chinese characters and both kana count as one. */
function scriptOf(code: number): number {
  // The long vowel sign is common to both kana.
  const found = code === 0x30fc ? 'Han' : namedScripts.find((name) => isInScript(code, name))
  if (found !== undefined && !isIn(code, unassigned)) {
    return 1 + namedScripts.indexOf(found === 'Hiragana' || found === 'Katakana' ? 'Han' : found)
  }
  return isIn(code, marks) ? inherited : isIn(code, letters) ? otherLetters : common
}

/**
 * Cuts words where no piece may cross: between scripts (letters, and everything else), around digits if asked, at
 * characters that are not required, which are left out.
 *
 * @param options.longest runs of more characters are cut too
 */
export function runsOf(
  words: Counts,
  options: { required: ReadonlyMap<number, number>; splitDigits: boolean; space: string; longest: number },
): Counts {
  const runs: Counts = new Map()
  const space = options.space.codePointAt(0)!
  const known = new Map<number, number>()
  /** −1 for what is left out, −2 for what stands alone. */
  const kindOf = (code: number): number => {
    let kind = known.get(code)
    if (kind === undefined) {
      if (!options.required.has(code)) kind = -1
      else if (code === space) kind = inherited
      else kind = options.splitDigits && isIn(code, decimalNumbers) ? -2 : scriptOf(code)
      known.set(code, kind)
    }
    return kind
  }
  for (const [word, count] of words) {
    let start = 0
    let script = inherited
    let length = 0
    for (let at = 0; at < word.length; ) {
      const code = word.codePointAt(at)!
      const next = at + (code < 0x10000 ? 1 : 2)
      const kind = kindOf(code)
      const cut = kind < 0 || script < 0 || (kind !== inherited && script !== inherited && kind !== script)
      if (cut || length === options.longest) {
        if (at > start) add(runs, word.slice(start, at), count)
        start = at
        length = 0
        script = inherited
      }
      if (kind !== inherited) script = kind
      if (kind === -1) start = next
      length++
      at = next
    }
    if (word.length > start) add(runs, word.slice(start), count)
  }
  return runs
}
