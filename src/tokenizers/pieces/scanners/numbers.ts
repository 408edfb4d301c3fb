import { characterAt, kind } from './characters.ts'

/**
 * Where the piece of `\p{N}{1,most}` ends that begins at `at`; −1 when more bytes decide.
 *
 * @param limit where the whole characters end
 */
export function numberEnd(
  bytes: Uint8Array,
  at: number,
  limit: number,
  last: boolean,
  table: Uint8Array,
  most: number,
): number {
  let end = at
  for (let count = 0; count < most; count++) {
    if (end === limit) return last ? end : -1
    const character = characterAt(bytes, end, limit, table)
    if (character >>> 3 !== kind.number) break
    end += character & 7
  }
  return end
}
