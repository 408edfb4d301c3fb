import { ConfigError } from '../base/index.ts'
import { type Merges, mergePiece } from './merge.ts'
import { grown, PieceTable } from './piece-table.ts'
import { eachPiece, pieceStream } from './pieces.ts'
import type { EncodeOptions, StreamEncoder, Tokenizer } from './tokenizer.ts'
import { writeUtf8 } from './utf8.ts'

/** Pieces of at most this many code units are remembered with their ids. */
const longestCached = 64
/** When this many are remembered, all are forgotten; bounds the memory of the cache to some megabytes. */
const mostCached = 1 << 17

/** The encoding half of a byte-level BPE tokenizer. */
export function bpeEncoder(
  byteIds: Int32Array,
  merges: Merges,
  specials: ReadonlyMap<string, number>,
): Pick<Tokenizer, 'encode' | 'encoder'> {
  const encodePiece = pieceEncoder(byteIds, merges)

  function encode(text: string, options?: EncodeOptions): Uint32Array {
    const out = new IdList(text.length >> 2)
    const addPiece = (whole: string, start: number, end: number) => encodePiece(whole, start, end, out)
    const names = allowedNames(specials, options?.allowSpecials)
    if (names.length === 0) {
      eachPiece(text, addPiece)
    } else {
      const pattern = new RegExp(`(${names.map((name) => RegExp.escape(name)).join('|')})`)
      text.split(pattern).forEach((part, i) => {
        if (i % 2 === 0) eachPiece(part, addPiece)
        else out.push(specials.get(part)!)
      })
    }
    return out.take()
  }

  function encoder(): StreamEncoder {
    const out = new IdList(1 << 10)
    const pieces = pieceStream((whole, start, end) => encodePiece(whole, start, end, out))
    return {
      push(text) {
        pieces.push(text)
        return out.take()
      },
      end() {
        pieces.end()
        return out.take()
      },
    }
  }
  return { encode, encoder }
}

/** Longest first, so that of several that match at a place the longest is taken. */
function allowedNames(specials: ReadonlyMap<string, number>, allow: EncodeOptions['allowSpecials']): string[] {
  if (allow === undefined) return []
  const names = allow === true ? [...specials.keys()] : [...allow]
  for (const name of names) {
    if (!specials.has(name))
      throw new ConfigError(`encode: allowSpecials names ${name}, which is no special token here`)
  }
  return names.sort((a, b) => b.length - a.length)
}

type EncodePiece = (text: string, start: number, end: number, out: IdList) => void

function pieceEncoder(byteIds: Int32Array, merges: Merges): EncodePiece {
  const cache = new PieceTable()
  /** Ids of all remembered pieces; those of piece p are at `idStarts[p]` up to `idStarts[p + 1]`. */
  let cachedIds = new Int32Array(1 << 12)
  let idStarts = new Int32Array(1 << 12)
  let bytes = new Uint8Array(3 * longestCached)
  let ids = new Int32Array(3 * longestCached)

  function merged(units: Uint16Array, start: number, end: number): number {
    const room = 3 * (end - start)
    if (bytes.length < room) {
      bytes = new Uint8Array(room)
      ids = new Int32Array(room)
    }
    const count = writeUtf8(units, start, end, bytes)
    for (let i = 0; i < count; i++) ids[i] = byteIds[bytes[i]]
    return mergePiece(merges, ids, count)
  }

  function encodeLong(text: string, start: number, end: number, out: IdList): void {
    const units = new Uint16Array(end - start)
    for (let i = start; i < end; i++) units[i - start] = text.charCodeAt(i)
    const count = merged(units, 0, units.length)
    for (let i = 0; i < count; i++) out.push(ids[i])
  }

  return (text, start, end, out) => {
    if (end - start > longestCached) return encodeLong(text, start, end, out)
    if (cache.size === mostCached) cache.clear()
    const known = cache.size
    const piece = cache.number(text, start, end)
    if (piece === known) {
      const count = merged(cache.units, cache.starts[piece], cache.starts[piece + 1])
      const from = idStarts[piece]
      if (from + count > cachedIds.length) cachedIds = grown(cachedIds, new Int32Array(cachedIds.length * 2))
      if (piece + 2 > idStarts.length) idStarts = grown(idStarts, new Int32Array(idStarts.length * 2))
      for (let i = 0; i < count; i++) cachedIds[from + i] = ids[i]
      idStarts[piece + 1] = from + count
    }
    for (let i = idStarts[piece]; i < idStarts[piece + 1]; i++) out.push(cachedIds[i])
  }
}

/** Ids that are being gathered. */
class IdList {
  #ids: Uint32Array
  #length = 0

  constructor(expected: number) {
    this.#ids = new Uint32Array(Math.max(16, expected))
  }

  push(id: number): void {
    if (this.#length === this.#ids.length) this.#ids = grown(this.#ids, new Uint32Array(this.#length * 2))
    this.#ids[this.#length++] = id
  }

  /** A copy of what was gathered; the list is then empty. */
  take(): Uint32Array {
    const ids = this.#ids.slice(0, this.#length)
    this.#length = 0
    return ids
  }
}
