import type { Scanner } from '../../stages.ts'
import {
  anyNewline,
  anyNumber,
  characterAt,
  characterKinds,
  kind,
  kinds,
  letter,
  runEnd,
  wholeEnd,
} from './characters.ts'
import { contractionLength } from './contractions.ts'
import { numberEnd } from './numbers.ts'
import { spaceEnd } from './spaces.ts'

/** In what patterns of this family differ. */
export interface Cl100kOptions {
  /** Most digits in a piece; `\p{N}{1,3}` has 3. */
  readonly digits: number
  /** Whether marks are parts of words: `[\p{L}\p{M}]+` for `\p{L}+`, and not of runs of signs. */
  readonly marksInWords?: boolean
  /** Which contractions count; `'folded'`, as of `(?i:…)`, unless said otherwise. */
  readonly contractions?: 'ascii' | 'folded'
  /** `\s+\z` before the other white space: a run that ends the text is not cut after a newline. */
  readonly wholeTail?: boolean
}

/**
 * The pattern of cl100k, and of Llama 3 and, with other numbers of digits, Qwen 2 and more:
 *
 *     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 */
export function cl100kScanner(options: Cl100kOptions): Scanner {
  const { digits, marksInWords = false, contractions = 'folded', wholeTail = false } = options
  const table = characterKinds()
  const word = marksInWords ? letter | kinds(kind.mark) : letter
  const other = kinds(kind.other, kind.sign, kind.mark) & ~word
  const newlines = wholeTail ? 'cut, except at the end' : 'cut'
  return {
    end(bytes, at, end, last) {
      const limit = last ? end : wholeEnd(bytes, end)
      if (at >= limit) return -1
      // Most pieces are a word, or a space and a word.
      const start = bytes[at] === 0x20 ? at + 1 : at
      const wordEnd = runEnd(bytes, start, limit, table, word)
      if (wordEnd > start) return wordEnd === limit && !last ? -1 : wordEnd
      const first = characterAt(bytes, at, limit, table)
      const which = 1 << (first >>> 3)
      let stop = at + (first & 7)
      if (which === anyNumber) return numberEnd(bytes, at, limit, last, table, digits)
      if (bytes[at] === 0x27) {
        const length = contractionLength(bytes, at, limit, last, contractions)
        if (length !== 0) return length < 0 ? -1 : at + length
      }
      if (which === anyNewline) return spaceEnd(bytes, at, limit, last, table, newlines)
      // One character that is no letter, number or newline belongs to the word that follows.
      const next = stop === limit ? 0 : 1 << (characterAt(bytes, stop, limit, table) >>> 3)
      if ((next & word) !== 0) stop = runEnd(bytes, stop, limit, table, word)
      else if ((which & other) !== 0 || (bytes[at] === 0x20 && (next & other) !== 0)) {
        stop = runEnd(bytes, stop, limit, table, other)
        stop = runEnd(bytes, stop, limit, table, anyNewline)
      } else return spaceEnd(bytes, at, limit, last, table, newlines)
      return stop === limit && !last ? -1 : stop
    },
  }
}
