import type { Scanner } from '../../stages.ts'
import {
  anyNewline,
  anyNumber,
  anySpace,
  characterAt,
  characterKinds,
  kind,
  kinds,
  runEnd,
  wholeEnd,
} from './characters.ts'
import { contractionLength } from './contractions.ts'
import { numberEnd } from './numbers.ts'
import { spaceEnd } from './spaces.ts'

/** In what patterns of this family differ. */
export interface O200kOptions {
  /** Most digits in a piece; `\p{N}{1,3}` has 3. */
  readonly digits: number
  /** Whether a word takes a contraction after it. */
  readonly contractions: boolean
}

/**
 * The pattern of o200k, in which words end where capital letters begin: with U for `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`,
 * L for `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` and C for `(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
 *
 *     [^\r\n\p{L}\p{N}]?U*L+C|[^\r\n\p{L}\p{N}]?U+L*C|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
 */
export function o200kScanner({ digits, contractions }: O200kOptions): Scanner {
  const table = characterKinds()
  const capital = kinds(kind.upper, kind.caseless, kind.mark)
  const small = kinds(kind.lower, kind.caseless, kind.mark)
  const lower = kinds(kind.lower)
  const either = capital & small
  const inWord = capital | small
  const other = kinds(kind.other, kind.sign, kind.mark)

  /** Where the letters of a word end: after U*L+, or else after U+. −1 when more bytes decide. */
  function wordEnd(bytes: Uint8Array, at: number, limit: number, last: boolean): number {
    let end = at
    // U* goes as far as it can. Then L+ needs one: the next character, or else the last of these that is in both.
    let lastEither = -1
    while (end < limit) {
      const character = characterAt(bytes, end, limit, table)
      const which = 1 << (character >>> 3)
      if ((which & capital) === 0) {
        if (which === lower) {
          end = runEnd(bytes, end, limit, table, small)
          return end === limit && !last ? -1 : end
        }
        return lastEither >= 0 ? lastEither : end
      }
      end += character & 7
      if ((which & either) !== 0) lastEither = end
    }
    if (!last) return -1
    return lastEither >= 0 ? lastEither : end
  }

  function withContraction(bytes: Uint8Array, end: number, limit: number, last: boolean): number {
    if (end < 0 || !contractions || (end < limit && bytes[end] !== 0x27)) return end
    const length = contractionLength(bytes, end, limit, last, 'folded')
    return length < 0 ? -1 : end + length
  }

  return {
    end(bytes, at, end, last) {
      const limit = last ? end : wholeEnd(bytes, end)
      if (at >= limit) return -1
      // Most pieces are a word of small letters, with or without a space before it, and then no contraction.
      const start = bytes[at] === 0x20 ? at + 1 : at
      if (start < limit) {
        const character = characterAt(bytes, start, limit, table)
        if (character >>> 3 === kind.lower) {
          const end = runEnd(bytes, start + (character & 7), limit, table, small)
          if (end < limit && bytes[end] !== 0x27) return end
        }
      }
      const first = characterAt(bytes, at, limit, table)
      const which = 1 << (first >>> 3)
      let stop = at + (first & 7)
      if ((which & inWord) !== 0) return withContraction(bytes, wordEnd(bytes, at, limit, last), limit, last)
      if (which === anyNumber) return numberEnd(bytes, at, limit, last, table, digits)
      if (which === anyNewline) return spaceEnd(bytes, at, limit, last, table, 'cut')
      // One character that is no letter, number or newline belongs to the word that follows.
      const next = stop === limit ? 0 : 1 << (characterAt(bytes, stop, limit, table) >>> 3)
      if ((next & inWord) !== 0) return withContraction(bytes, wordEnd(bytes, stop, limit, last), limit, last)
      if ((which & anySpace) !== 0 && !(bytes[at] === 0x20 && (next & other) !== 0)) {
        return spaceEnd(bytes, at, limit, last, table, 'cut')
      }
      stop = runEnd(bytes, stop, limit, table, other)
      while (stop < limit && (bytes[stop] === 0x0a || bytes[stop] === 0x0d || bytes[stop] === 0x2f)) stop++
      return stop === limit && !last ? -1 : stop
    },
  }
}
