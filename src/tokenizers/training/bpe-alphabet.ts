import { bytesInOrder } from '../byte-alphabet.ts'

export interface AlphabetOptions {
  /** Characters that are in the alphabet even where the text has none of them. */
  readonly initialAlphabet?: readonly string[]
  /** At most so many characters; those that occur least are left out of the text. No limit unless said. */
  readonly limitAlphabet?: number
}

/** A distinct piece of a text in UTF-8, and how often it occurs. */
export interface CountedPiece {
  readonly bytes: Uint8Array
  readonly count: number
}

/** The tokens before any merge. */
export interface TrainingAlphabet {
  /** Bytes of each, in the order of their ids. */
  readonly tokens: readonly Uint8Array[]
  /**
   * Writes the places in {@link tokens} of what a piece consists of.
   *
   * @param out as long as the piece in bytes
   * @returns how many were written
   */
  write(piece: Uint8Array, out: Int32Array): number
}

/** All bytes, in the order of {@link bytesInOrder}. */
export function byteTrainingAlphabet(): TrainingAlphabet {
  const places = new Int32Array(256)
  bytesInOrder.forEach((byte, place) => {
    places[byte] = place
  })
  return {
    tokens: bytesInOrder.map((byte) => Uint8Array.of(byte)),
    write(piece, out) {
      for (let i = 0; i < piece.length; i++) out[i] = places[piece[i]]
      return piece.length
    },
  }
}

/** The characters of a text by code point. Where a limit leaves some out, of equally frequent ones the higher go first. */
export function characterTrainingAlphabet(
  pieces: Iterable<CountedPiece>,
  { initialAlphabet = [], limitAlphabet }: AlphabetOptions,
): TrainingAlphabet {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const counts = new Map<string, number>()
  for (const { bytes, count } of pieces) {
    for (const character of decoder.decode(bytes)) counts.set(character, (counts.get(character) ?? 0) + count)
  }
  for (const [character] of initialAlphabet) counts.set(character, Number.POSITIVE_INFINITY)
  const byCodePoint = [...counts.keys()].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!)
  const kept = byCodePoint
    .map((character, place) => ({ character, place, count: counts.get(character)! }))
    .sort((a, b) => (a.count === b.count ? a.place - b.place : b.count - a.count))
    .slice(0, limitAlphabet)
    .sort((a, b) => a.place - b.place)
  const places = new Map(kept.map(({ character }, place) => [character, place]))
  const encoder = new TextEncoder()
  return {
    tokens: kept.map(({ character }) => encoder.encode(character)),
    write(piece, out) {
      let length = 0
      for (const character of decoder.decode(piece)) {
        const place = places.get(character)
        if (place !== undefined) out[length++] = place
      }
      return length
    },
  }
}
