import type { Scanner } from '../../stages.ts'
import {
  anyNumber,
  anySpace,
  characterAt,
  characterKinds,
  kind,
  kinds,
  letter,
  runEnd,
  wholeEnd,
} from './characters.ts'
import { contractionLength } from './contractions.ts'
import { spaceEnd } from './spaces.ts'

/**
 * GPT-2's pattern (Radford et al. 2019), which r50k and p50k share:
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 */
export function gpt2Scanner(): Scanner {
  const table = characterKinds()
  const other = kinds(kind.other, kind.sign, kind.mark)
  return {
    end(bytes, at, end, last) {
      const limit = last ? end : wholeEnd(bytes, end)
      if (at >= limit) return -1
      if (bytes[at] === 0x27) {
        const length = contractionLength(bytes, at, limit, last, 'small')
        if (length !== 0) return length < 0 ? -1 : at + length
      }
      // A single space belongs to what follows, unless that is white space too.
      const start = bytes[at] === 0x20 ? at + 1 : at
      if (start === limit) return last ? start : -1
      const which = 1 << (characterAt(bytes, start, limit, table) >>> 3)
      if ((which & anySpace) !== 0) return spaceEnd(bytes, at, limit, last, table, 'ignored')
      const mask = (which & letter) !== 0 ? letter : which === anyNumber ? anyNumber : other
      const stop = runEnd(bytes, start, limit, table, mask)
      return stop === limit && !last ? -1 : stop
    },
  }
}
