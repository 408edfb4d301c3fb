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
import { numberEnd } from './numbers.ts'
import { spaceEnd } from './spaces.ts'

/** Characters that the second cut sets apart, by what they are to the third. */
const eastWord = 9
const eastSign = 10
const eastOther = 11
const east = kinds(eastWord, eastSign, eastOther)

/**
 * DeepSeek's three cuts (since V2), each of the pieces of the one before:
 *
 *     \p{N}{1,3}
 *     [一-龥぀-ゟ゠-ヿ]+
 *     [!-/:-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 *
 * where [!-/:-~] is every sign of ASCII. What the third does not match (control characters, for one) stays a piece.
 * So numbers and these Chinese and Japanese characters are walls: to all others, the text ends there.
 */
export function deepseekScanner(): Scanner {
  const table = characterKinds().slice()
  for (const [start, end] of [
    [0x4e00, 0x9fa5],
    [0x3040, 0x30ff],
  ]) {
    for (let code = start; code <= end; code++) {
      table[code] = table[code] === kind.sign ? eastSign : table[code] === kind.other ? eastOther : eastWord
    }
  }
  const walls = anyNumber | east
  const westWord = letter | kinds(kind.mark)
  return {
    end(bytes, at, end, last) {
      const limit = last ? end : wholeEnd(bytes, end)
      if (at >= limit) return -1
      const first = characterAt(bytes, at, limit, table)
      const which = 1 << (first >>> 3)
      if (which === anyNumber) return numberEnd(bytes, at, limit, last, table, 3)
      if (which === anyNewline) return spaceEnd(bytes, at, limit, last, table, 'cut', walls)
      const isEast = (which & east) !== 0
      const word = isEast ? 1 << eastWord : westWord
      const sign = isEast ? 1 << eastSign : 1 << kind.sign
      const other = isEast ? 1 << eastOther : 1 << kind.other
      let stop = at + (first & 7)
      const next = stop === limit ? 0 : 1 << (characterAt(bytes, stop, limit, table) >>> 3)
      if ((which & word) !== 0) stop = runEnd(bytes, stop, limit, table, word)
      else if ((which & sign) !== 0) {
        if (bytes[at] < 0x80 && isAsciiLetter(bytes[stop])) {
          while (stop < limit && isAsciiLetter(bytes[stop])) stop++
        } else stop = runEnd(bytes, runEnd(bytes, stop, limit, table, sign), limit, table, isEast ? 0 : anyNewline)
      } else if ((next & word) !== 0) stop = runEnd(bytes, stop, limit, table, word)
      else if ((which & other) !== 0) return otherEnd(bytes, at, limit, last, table, other, word)
      else if (bytes[at] === 0x20 && (next & sign) !== 0) {
        stop = runEnd(bytes, runEnd(bytes, stop, limit, table, sign), limit, table, anyNewline)
      } else return spaceEnd(bytes, at, limit, last, table, 'cut', walls)
      return stop === limit && !last ? -1 : stop
    },
  }
}

/** Where what is not matched ends: at the end of the run, less one character if that begins a word. */
function otherEnd(
  bytes: Uint8Array,
  at: number,
  limit: number,
  last: boolean,
  table: Uint8Array,
  other: number,
  word: number,
): number {
  let start = at
  let end = at
  while (end < limit) {
    const character = characterAt(bytes, end, limit, table)
    if (((other >>> (character >>> 3)) & 1) === 0) return ((word >>> (character >>> 3)) & 1) === 1 ? start : end
    start = end
    end += character & 7
  }
  return last ? end : -1
}

function isAsciiLetter(byte: number): boolean {
  const small = byte | 0x20
  return small >= 0x61 && small <= 0x7a
}
