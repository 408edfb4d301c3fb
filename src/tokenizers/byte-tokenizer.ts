import { tokenizer } from './assemble.ts'
import { characterOfByte } from './byte-alphabet.ts'
import { byteLevelDecoder } from './decoders/byte-level.ts'
import { bpeModel } from './models/bpe/bpe-model.ts'
import { scannedPieces } from './pieces/scanners/pieces.ts'
import type { Tokenizer } from './tokenizer.ts'

/**
 * Every byte of UTF-8 is a token, and its value is its id: nothing to learn, nothing lost. In files this is byte-level BPE
 * without merges.
 *
 * @param options.specials names of special tokens, which get the ids from 256 on
 * Source: Xue et al. 2022, "ByT5".
 *
 * @example
 * byteTokenizer().encode('Aә') // [65, 211, 153]
 */
export function byteTokenizer({ specials = [] }: { specials?: readonly string[] } = {}): Tokenizer {
  return tokenizer({
    preTokenizer: scannedPieces(eachCharacter, { end: characterEnd }),
    model: bpeModel({
      vocab: new Map(characterOfByte.map((character, byte) => [character, byte])),
      merges: [],
      byteLevel: true,
    }),
    decoder: byteLevelDecoder(),
    addedTokens: specials.map((content) => ({ content, special: true })),
  })
}

const eachCharacter = { type: 'Split', pattern: { Regex: '[\\s\\S]' }, behavior: 'Isolated', invert: false }

/** Where the character ends that begins at `at`. Of bytes that are no text any part will do: nothing is ever merged. */
function characterEnd(bytes: Uint8Array, at: number, limit: number, last: boolean): number {
  const first = bytes[at]
  const end = at + (first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4)
  if (end <= limit) return end
  return last ? limit : -1
}
