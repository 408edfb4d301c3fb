import type { TokenList } from '../token-list.ts'

/** How files spell the piece that stands for a byte: `<0x0A>`. */
export const bytePiece = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`

/** The byte of a piece that is spelled so, or −1. */
export function byteOfPiece(piece: string): number {
  return /^<0x[0-9A-F]{2}>$/.test(piece) ? Number.parseInt(piece.slice(3, 5), 16) : -1
}

/** The ids of the pieces of all bytes, −1 where there is none. */
export function byteIds(idOf: (piece: string) => number | undefined): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => idOf(bytePiece(byte)) ?? -1)
}

const encoder = new TextEncoder()

/**
 * Adds the pieces of the bytes of a text, or nothing when one has no piece.
 *
 * @returns whether they were added
 */
export function pushBytes(text: string, ids: Int32Array, start: number, end: number, out: TokenList): boolean {
  const bytes = encoder.encode(text)
  if (bytes.some((byte) => ids[byte] < 0)) return false
  for (const byte of bytes) out.push(ids[byte], start, end)
  return true
}
