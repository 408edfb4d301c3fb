import { concatenated } from '../../base/index.ts'
import type { ByteSource } from './byte-source.ts'

/** A piece of a text that is too large for one document, or all of it. */
export interface TextPiece {
  /** Where it begins in the text. */
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A character of UTF-8 has at most three bytes behind its first. */
const longestCharacter = 4

/**
 * Cuts a text at the first line end at or behind each multiple of `size`; where there is none within half of that, between
 * two characters at the multiple. Where a cut lies depends on the bytes around it alone, so parts of a file have the cuts
 * of the whole. Memory: two pieces.
 *
 * @param offset where the stream begins: the beginning of the text, or a cut
 */
export async function* textPieces(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
  offset = 0,
): AsyncGenerator<TextPiece> {
  let begin = offset
  let end = offset
  let held: Uint8Array[] = []

  for await (let chunk of chunks) {
    for (;;) {
      const grid = nextMultiple(begin, size)
      const limit = grid + (size >> 1)
      const lineEnd = end + chunk.length < grid ? -1 : chunk.indexOf(10, Math.max(grid - 1 - end, 0))
      if (lineEnd >= 0 && end + lineEnd < limit) {
        held.push(chunk.subarray(0, lineEnd + 1))
        yield { offset: begin, bytes: whole(held) }
        held = []
        begin = end = end + lineEnd + 1
        chunk = chunk.subarray(lineEnd + 1)
        continue
      }
      if (end + chunk.length < limit + longestCharacter) break
      const bytes = whole([...held, chunk])
      const cut = characterStart(bytes, grid - begin)
      yield { offset: begin, bytes: bytes.subarray(0, cut) }
      held = []
      begin = end = begin + cut
      chunk = bytes.subarray(cut)
    }
    if (chunk.length > 0) held.push(chunk)
    end += chunk.length
  }
  if (held.length > 0) yield { offset: begin, bytes: whole(held) }
}

/** Where {@link textPieces} cuts near a multiple of `size`; undefined when the text ends before. */
export async function pieceCut(source: ByteSource, grid: number, size: number): Promise<number | undefined> {
  const limit = grid + (size >> 1)
  let at = grid - 1
  for await (const chunk of source.chunks(at, limit)) {
    const lineEnd = chunk.indexOf(10)
    if (lineEnd >= 0) return at + lineEnd + 1 < source.size ? at + lineEnd + 1 : undefined
    at += chunk.length
  }
  if (source.size < limit + longestCharacter) return undefined
  return grid + characterStart(await source.read(grid, grid + longestCharacter), 0)
}

export function nextMultiple(offset: number, size: number): number {
  return (Math.floor(offset / size) + 1) * size
}

/** The first byte at or behind `at` that does not continue a character, at most three behind. */
function characterStart(bytes: Uint8Array, at: number): number {
  for (let i = at; i < at + longestCharacter; i++) if ((bytes[i] & 0xc0) !== 0x80) return i
  return at
}

/** All chunks as one; a single chunk is itself, without a copy. */
export function whole(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0] : concatenated(Uint8Array, chunks)
}
