import { anySpace, characterAt, kind } from './characters.ts'

/**
 * Where white space is cut: `\s+(?!\S)|\s+`, all but the last character of a run, which belongs to what follows; the
 * whole run at the end of the text.
 *
 * @param at where a run of white space begins
 * @param limit where the whole characters end
 * @param newlines `'cut'` for `\s*[\r\n]+` before that: a run is cut after its last newline. `'cut, except at the end'`
 *   for `\s+\z` before both. `'ignored'` for neither.
 * @param walls kinds at which the text counts as ended
 */
export function spaceEnd(
  bytes: Uint8Array,
  at: number,
  limit: number,
  last: boolean,
  table: Uint8Array,
  newlines: 'ignored' | 'cut' | 'cut, except at the end',
  walls = 0,
): number {
  let end = at
  let start = at
  let lineEnd = -1
  let ended = true
  while (end < limit) {
    const character = characterAt(bytes, end, limit, table)
    const which = character >>> 3
    if (((anySpace >>> which) & 1) === 0) {
      ended = ((walls >>> which) & 1) === 1
      break
    }
    start = end
    end += character & 7
    if (which === kind.newline) lineEnd = end
  }
  if (end === limit && !last) return -1
  if (lineEnd >= 0 && (newlines === 'cut' || (newlines !== 'ignored' && !ended))) return lineEnd
  return ended || start === at ? end : start
}
