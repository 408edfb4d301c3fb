import { DataError } from '../../../base/index.ts'
import { ByteBuffer } from './byte-buffer.ts'
import type { TokenBytes } from './token-bytes.ts'

/** The tokens that a piece consists of before any merge. */
export interface Symbols {
  /** The first {@link count} are those of the piece. */
  ids: Int32Array
  /** How many bytes of the piece each is counted for. */
  lengths: Int32Array
  count: number
  /** Reads the piece `bytes[at, end)`. @param view of `bytes`, with padding after `end` */
  read(bytes: Uint8Array, view: DataView, at: number, end: number): void
}

/** Each byte is a token. @param byteIds `[256]` */
export function byteSymbols(byteIds: Int32Array): Symbols {
  return {
    ids: new Int32Array(64),
    lengths: new Int32Array(0),
    count: 0,
    read(bytes, _view, at, end) {
      makeRoom(this, end - at)
      const { ids } = this
      for (let i = at; i < end; i++) ids[i - at] = byteIds[bytes[i]]
      this.count = end - at
    },
  }
}

/** How characters become tokens; the names are those of tokenizer.json. */
export interface CharacterOptions {
  /** What a character without a token becomes; absent to leave such characters out. */
  readonly unkToken?: string
  /** Whether neighbouring characters without a token become one `unkToken` together. */
  readonly fuseUnk?: boolean
  /** Whether a character without a token becomes the tokens `<0x00>` to `<0xFF>` of its bytes, if all of them exist. */
  readonly byteFallback?: boolean
  /** Stands before the spelling of every character but the first of a piece. */
  readonly continuingSubwordPrefix?: string
  /** Stands after the spelling of the last character of a piece. */
  readonly endOfWordSuffix?: string
}

const utf8 = new TextEncoder()

/** Each character is a token, where the vocabulary has it. @param tokens spellings in UTF-8 */
export function characterSymbols(tokens: TokenBytes, options: CharacterOptions): Symbols {
  const { unkToken, fuseUnk, byteFallback } = options
  const prefix = utf8.encode(options.continuingSubwordPrefix ?? '')
  const suffix = utf8.encode(options.endOfWordSuffix ?? '')
  const spelling = new ByteBuffer(prefix.length + 4 + suffix.length)
  const fallback = Int32Array.from({ length: 256 }, (_, byte) =>
    tokens.idOf(utf8.encode(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)),
  )
  const unkId = unkToken === undefined ? -1 : tokens.idOf(utf8.encode(unkToken))
  const plain = prefix.length === 0 && suffix.length === 0

  return {
    ids: new Int32Array(64),
    lengths: new Int32Array(64),
    count: 0,
    read(bytes, view, at, end) {
      makeRoom(this, (end - at) * (1 + prefix.length) + suffix.length)
      const { ids, lengths } = this
      let count = 0
      /** Bytes of characters without a token that wait for the next one. */
      let unknown = 0
      for (let start = at; start < end; ) {
        const stop = Math.min(end, start + characterLength(bytes[start]))
        let source = bytes
        let from = start
        let to = stop
        let id: number
        if (plain) {
          id = tokens.find(view, start, stop)
        } else {
          source = spelling.bytes
          from = 0
          to = spell(spelling, start > at ? prefix : none, bytes.subarray(start, stop), stop === end ? suffix : none)
          id = tokens.find(spelling.view, 0, to)
        }
        if (id >= 0) {
          if (unknown > 0) {
            ids[count] = unkId
            lengths[count++] = unknown
            unknown = 0
          }
          ids[count] = id
          lengths[count++] = stop - start
        } else if (byteFallback && hasAll(fallback, source, from, to)) {
          // What waits still waits, as in Hugging Face's implementation.
          for (let i = from; i < to; i++) {
            ids[count] = fallback[source[i]]
            lengths[count++] = 1
          }
        } else if (unkToken !== undefined) {
          if (unkId < 0) throw new DataError(`encode: the unknown token ${unkToken} is not in the vocabulary`)
          if (unknown > 0 && !fuseUnk) {
            ids[count] = unkId
            lengths[count++] = unknown
            unknown = 0
          }
          unknown += stop - start
        }
        start = stop
      }
      if (unknown > 0) {
        ids[count] = unkId
        lengths[count++] = unknown
      }
      this.count = count
    },
  }
}

const none = new Uint8Array(0)

function spell(into: ByteBuffer, prefix: Uint8Array, character: Uint8Array, suffix: Uint8Array): number {
  into.bytes.set(prefix)
  into.bytes.set(character, prefix.length)
  into.bytes.set(suffix, prefix.length + character.length)
  return prefix.length + character.length + suffix.length
}

function hasAll(ids: Int32Array, bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (ids[bytes[i]] < 0) return false
  return true
}

/** Bytes of a character of UTF-8, by its first. */
export function characterLength(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

/** Large pieces do not keep their memory. */
const mostKept = 1 << 16

function makeRoom(symbols: Symbols, count: number): void {
  if (count <= symbols.ids.length && symbols.ids.length <= mostKept) return
  symbols.ids = new Int32Array(Math.max(64, count))
  if (symbols.lengths.length > 0) symbols.lengths = new Int32Array(symbols.ids.length)
}
