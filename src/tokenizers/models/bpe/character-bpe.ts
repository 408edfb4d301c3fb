import type { BpeModel } from './bpe-options.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { BytePieces, type PiecesOptions } from './byte-pieces.ts'
import { mergeLong } from './merge-long.ts'
import type { PairRanks } from './pair-ranks.ts'
import { listed } from './piece-cache.ts'
import { type CharacterOptions, characterLength } from './symbols.ts'
import type { TokenBytes } from './token-bytes.ts'

export interface CharacterBpeParts extends PiecesOptions {
  /** As {@link PiecesOptions.merge}, and says how many of the tokens before any merge each token is made of. */
  readonly merge?: (pairs: PairRanks, ids: Int32Array, count: number, spans?: Int32Array) => number
  /** Where pieces may be cut, or undefined for nowhere; see {@link spaceCuts}. */
  readonly cuts: SpaceCuts | undefined
}

const utf8 = new TextEncoder()
/** Larger texts do not keep their memory. */
const mostKept = 1 << 20

/** BPE over characters: spellings of tokens are text. */
export function characterBpe(parts: CharacterBpeParts): Pick<BpeModel, 'idOf' | 'tokenOf' | 'encode'> {
  const { tokens, symbols, pairs, cuts, wholeFirst } = parts
  const pieces = new BytePieces(parts)
  const buffer = new ByteBuffer(256)
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  function write(text: string): number {
    if (buffer.size < 3 * text.length) buffer.resize(6 * text.length)
    return utf8.encodeInto(text, buffer.bytes).written
  }

  return {
    idOf(token) {
      const id = tokens.idOf(utf8.encode(token))
      return id < 0 ? undefined : id
    },
    tokenOf(id) {
      const bytes = tokens.bytesOf(id)
      return bytes && decoder.decode(bytes as Uint8Array<ArrayBuffer>)
    },
    encode(piece, out) {
      const limit = write(piece)
      const { bytes, view } = buffer
      const { spans } = out
      const push = spans && spanned(piece, bytes, limit, (id, start, end) => out.push(id, start, end))
      for (let at = 0; at < limit; ) {
        const end = cuts === undefined ? limit : cutAfter(cuts, bytes, at, limit)
        if (push !== undefined) {
          const whole = wholeFirst ? tokens.find(view, at, end) : -1
          if (whole >= 0) push(whole, end - at)
          else encodeSpanned(at, end, push)
        } else {
          const value = pieces.value(bytes, view, at, end)
          if (value < 0) for (let i = 0; i < pieces.count; i++) out.push(pieces.ids[i], 0, 0)
          else if (value < listed) out.push(value, 0, 0)
          else {
            const { lists } = pieces.cache
            const start = value - listed
            for (let i = 1; i <= lists[start]; i++) out.push(lists[start + i], 0, 0)
          }
        }
        at = end
      }
      if (buffer.size > mostKept) buffer.resize(256)
    },
  }

  function encodeSpanned(at: number, end: number, push: (id: number, bytes: number) => void): void {
    symbols.read(buffer.bytes, buffer.view, at, end)
    const { ids, lengths } = symbols
    const spans = new Int32Array(symbols.count)
    const count = (parts.merge ?? mergeLong)(pairs, ids, symbols.count, spans)
    let symbol = 0
    for (let i = 0; i < count; i++) {
      let length = 0
      for (const stop = symbol + spans[i]; symbol < stop; symbol++) length += lengths[symbol]
      push(ids[i], length)
    }
  }
}

/** Counts bytes of tokens, from the beginning of a piece on, and says in which code units they are. */
function spanned(
  piece: string,
  bytes: Uint8Array,
  limit: number,
  push: (id: number, start: number, end: number) => void,
): (id: number, length: number) => void {
  let byte = 0
  /** The character that holds `byte`, and where its bytes begin. */
  let unit = 0
  let first = 0
  const advance = (to: number): void => {
    while (first < limit && first + characterLength(bytes[first]) <= to) {
      unit += characterLength(bytes[first]) === 4 ? 2 : 1
      first += characterLength(bytes[first])
    }
  }
  return (id, length) => {
    advance(byte)
    const start = unit
    byte += length
    advance(byte - 1)
    const end = Math.min(piece.length, unit + (first < limit && characterLength(bytes[first]) === 4 ? 2 : 1))
    push(id, start, end)
  }
}

/** The metaspace U+2581 in UTF-8. */
const space = Uint8Array.of(0xe2, 0x96, 0x81)

/** `blocked[last two bytes of a character]`: whether some token has a space after this character. */
export type SpaceCuts = Uint8Array

/**
 * No merge crosses the place before a space ▁ if no token has a ▁ after the character that stands there. Then a text can
 * be cut at these places, and its pieces remembered.
 *
 * @param tokens vocabulary that adds nothing to the spelling of characters
 * @param options says what stands in the place of a character that is no token: some token, for if characters were left
 *   out, those on both sides would be neighbours
 * @returns the characters after which texts must not be cut; undefined for no cuts
 */
export function spaceCuts(tokens: TokenBytes, options: CharacterOptions): SpaceCuts | undefined {
  const { unkToken, continuingSubwordPrefix, endOfWordSuffix } = options
  if (tokens.idOf(space) < 0 || !unkToken || continuingSubwordPrefix || endOfWordSuffix) return undefined
  const blocked = new Uint8Array(1 << 16)
  for (let id = 0; id < tokens.size; id++) {
    const start = tokens.startOf(id)
    const end = start + tokens.lengthOf(id)
    for (let at = start + 1; at + space.length <= end; at++) {
      if (isSpace(tokens.bytes, at)) blocked[endOfCharacter(tokens.bytes, at)] = 1
    }
  }
  const replaced = utf8.encode(`\0${unkToken}`)
  // Tokens of single bytes are spelled <0x00>.
  const afterBytes = blocked['>'.charCodeAt(0)]
  return blocked[endOfCharacter(replaced, replaced.length)] || afterBytes ? undefined : blocked
}

function cutAfter(blocked: SpaceCuts, bytes: Uint8Array, at: number, limit: number): number {
  for (let i = at + 1; i + 2 < limit; i++) {
    if (isSpace(bytes, i) && blocked[endOfCharacter(bytes, i)] === 0) return i
  }
  return limit
}

function isSpace(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === space[0] && bytes[at + 1] === space[1] && bytes[at + 2] === space[2]
}

/** The last byte of the character before `at`, and the one before it if it is no ASCII. */
function endOfCharacter(bytes: Uint8Array, at: number): number {
  const last = bytes[at - 1]
  return last < 0x80 ? last : (bytes[at - 2] << 8) | last
}
