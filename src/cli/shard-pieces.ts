import { concatenated } from '../base/index.ts'
import type { TokenShards } from '../data/index.ts'
import { piecesOf } from './data-rows.ts'

/** Tokens that are read at a time. */
const windowTokens = 1 << 20
/** A document is cut when it has more tokens: shards without separators must not fill the memory. */
const longestPiece = 1 << 24

/**
 * The documents of token shards, one by one; where they were packed into rows, the pieces that rows hold.
 *
 * @param window tokens that are read at a time
 * @param longest documents with more tokens come in several pieces
 */
export async function* shardPieces(
  { length, separator, rowTokens, read }: TokenShards,
  { window = windowTokens, longest = longestPiece } = {},
): AsyncGenerator<{ readonly ids: Uint32Array; readonly readTokens: number }> {
  // Rows end documents. Without rows only separators do, and a document may go on in the next window.
  const step = rowTokens === undefined ? window : Math.max(1, Math.floor(window / rowTokens)) * rowTokens
  let open: Uint32Array[] = []
  let openTokens = 0
  for (let at = 0; at < length; at += step) {
    const ids = await read(at, Math.min(step, length - at))
    const readTokens = at + ids.length
    if (rowTokens !== undefined) {
      for (let row = 0; row < ids.length; row += rowTokens) {
        for (const piece of piecesOf(ids.subarray(row, row + rowTokens), separator).documents) {
          yield { ids: piece.ids, readTokens }
        }
      }
      continue
    }
    const isEnd = readTokens === length || openTokens + ids.length > longest
    const end = isEnd || separator === undefined ? ids.length : ids.lastIndexOf(separator) + 1
    open.push(ids.subarray(0, end))
    if (end > 0) {
      for (const piece of piecesOf(concatenated(Uint32Array, open), separator).documents)
        yield { ids: piece.ids, readTokens }
      open = []
      openTokens = 0
    }
    open.push(ids.subarray(end))
    openTokens += ids.length - end
  }
}
