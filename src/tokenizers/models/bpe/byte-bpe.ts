import { ConfigError } from '../../../base/index.ts'
import { bytesToCharacters, charactersToBytes } from '../../byte-alphabet.ts'
import type { StageJson } from '../../stages.ts'
import type { TokenList } from '../../token-list.ts'
import type { BpeModel } from './bpe-options.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { byteEncoder } from './byte-encoder.ts'
import { BytePieces, type MergePiece } from './byte-pieces.ts'
import { RangeMerger } from './merge-ranges.ts'
import { spelledVocabulary } from './model-json.ts'
import type { PairRanks } from './pair-ranks.ts'
import { listed } from './piece-cache.ts'
import { byteSymbols } from './symbols.ts'
import type { TokenBytes } from './token-bytes.ts'

/** What a byte-level BPE model is made of. */
export interface ByteBpeParts {
  readonly tokens: TokenBytes
  readonly pairs: PairRanks
  /** Names in the vocabulary that spell no bytes, as those of some special tokens. No text becomes them. */
  readonly names: ReadonlyMap<string, number>
  /** Whether a piece that is a token becomes it without merging. */
  readonly wholeFirst: boolean
  readonly merge?: MergePiece
  /** Pairs of ids as files list them. */
  merges(): Iterable<readonly [left: number, right: number]>
  /** All of the file's entry but vocab and merges. */
  readonly json: StageJson
}

const utf8 = new TextEncoder()

/** @throws ConfigError when a byte has no token */
export function byteBpe(parts: ByteBpeParts): BpeModel {
  const { tokens, names } = parts
  const byteIds = idsOfBytes(tokens)
  // Ranks without results are those of bytes.
  const ranges = parts.pairs.results === undefined ? new RangeMerger(tokens, byteIds) : undefined
  const pieces = new BytePieces({ ...parts, symbols: byteSymbols(byteIds), ranges })
  const buffer = new ByteBuffer(256)
  const nameOf = new Map([...names].map(([name, id]) => [id, name]))
  const vocabSize = [...names.values()].reduce((size, id) => Math.max(size, id + 1), tokens.size)

  function tokenOf(id: number): string | undefined {
    const bytes = tokens.bytesOf(id)
    return bytes === undefined ? nameOf.get(id) : bytesToCharacters(bytes)
  }

  return {
    vocabSize,
    byteLevel: true,
    idOf(token) {
      const named = names.get(token)
      if (named !== undefined || token === '') return named
      const bytes = charactersToBytes(token)
      const id = bytes === undefined ? -1 : tokens.idOf(bytes)
      return id < 0 ? undefined : id
    },
    tokenOf,
    bytesOf: (id) => tokens.bytesOf(id),
    merges: () => Array.from(parts.merges()),
    encode(piece, out) {
      if (buffer.size < 3 * piece.length) buffer.resize(6 * piece.length)
      const end = utf8.encodeInto(piece, buffer.bytes).written
      const value = pieces.value(buffer.bytes, buffer.view, 0, end)
      const push = out.spans === undefined ? (id: number) => out.push(id, 0, 0) : spanned(piece, tokens, out)
      if (value < 0) for (let i = 0; i < pieces.count; i++) push(pieces.ids[i])
      else if (value < listed) push(value)
      else {
        const { lists } = pieces.cache
        const start = value - listed
        for (let i = 1; i <= lists[start]; i++) push(lists[start + i])
      }
    },
    byteEncoder: (scanner) => byteEncoder(pieces, scanner),
    toJson: () => ({ ...parts.json, ...spelledVocabulary(vocabSize, tokenOf, parts.merges()) }),
  }
}

function idsOfBytes(tokens: TokenBytes): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const id = tokens.idOf(Uint8Array.of(byte))
    if (id < 0) throw new ConfigError(`bpe: no token stands for byte ${byte}; all 256 bytes need one`)
    return id
  })
}

/** Adds tokens of a piece, from its beginning on, with the code units whose bytes they have. */
function spanned(piece: string, tokens: TokenBytes, out: TokenList): (id: number) => void {
  /** Of the character that is not over yet: its first unit, and how many of its bytes have been given to tokens. */
  let unit = 0
  let given = 0
  return (id) => {
    const start = unit
    let end = unit
    for (let left = tokens.lengthOf(id); left > 0; ) {
      const code = piece.codePointAt(unit)!
      const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
      end = unit + (code < 0x10000 ? 1 : 2)
      const step = Math.min(left, size - given)
      left -= step
      given += step
      if (given < size) continue
      given = 0
      unit = end
    }
    out.push(id, start, end)
  }
}
