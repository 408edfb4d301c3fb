import { ConfigError, DataError } from '../base/index.ts'
import { bpeEncoder } from './bpe-encode.ts'
import type { BpeTokenizer, BpeVocabulary } from './bpe-tokenizer.ts'
import { bytesInOrder, bytesToCharacters } from './byte-alphabet.ts'
import { lastOfEachPair, type Merges } from './merge.ts'
import { PairTable } from './pair-table.ts'
import { streamDecoder } from './stream-decoder.ts'
import { writeTokenizerJson } from './write-tokenizer-json.ts'

/**
 * A tokenizer from its merges. Ids 0 to 255 are the bytes (in the order of {@link bytesInOrder}, as in GPT-2: 0 is `!`),
 * then one id for each merge that makes a new token, then the special tokens.
 *
 * @param merges pairs of ids; each id is a byte's or that of an earlier merge
 *   (a pair that comes twice merges at its last place)
 * @throws ConfigError when a merge names an id that is not there yet, or a special token comes twice
 *
 * @example
 * const t = bpe({ merges: [[71, 72]] }) // h is 71, i is 72
 * t.encode('hi')                        // [256]
 */
export function bpe(parts: {
  merges: readonly (readonly [number, number])[]
  specials?: readonly string[]
}): BpeTokenizer {
  const tokens: Uint8Array[] = bytesInOrder.map((byte) => Uint8Array.of(byte))
  const ids = new Map(tokens.map((bytes, id) => [bytesToCharacters(bytes), id]))
  const merges: [number, number, number][] = []
  for (const [left, right] of parts.merges) {
    if (!(left in tokens) || !(right in tokens)) {
      throw new ConfigError(
        `bpe: merge ${merges.length} joins ids ${left} and ${right}, but only 0 to ${tokens.length - 1} exist by then`,
      )
    }
    const bytes = joined(tokens[left], tokens[right])
    const name = bytesToCharacters(bytes)
    // Different pairs may spell the same token: [a, bc] and [ab, c].
    const result = ids.get(name) ?? tokens.push(bytes) - 1
    ids.set(name, result)
    merges.push([left, right, result])
  }
  const specials = new Map((parts.specials ?? []).map((name, i) => [name, tokens.length + i]))
  if (specials.size !== (parts.specials ?? []).length) throw new ConfigError('bpe: a special token is named twice')
  return bpeFromVocabulary({ tokens, merges, specials })
}

/**
 * A tokenizer from a vocabulary with any ids.
 *
 * @throws ConfigError when a byte has no token, or a special token has no name, an ordinary token's name, or a taken id
 *
 * @example
 * const { tokens, specials } = bpe({ merges: [[71, 72]] })
 * bpeFromVocabulary({ tokens, specials, merges: [[71, 72, 256]] }).encode('hi') // [256]
 */
export function bpeFromVocabulary(vocabulary: BpeVocabulary): BpeTokenizer {
  const tokens = [...vocabulary.tokens]
  const byteIds = new Int32Array(256).fill(-1)
  tokens.forEach((bytes, id) => {
    if (bytes?.length === 1 && byteIds[bytes[0]] < 0) byteIds[bytes[0]] = id
  })
  const missing = byteIds.indexOf(-1)
  if (missing >= 0) throw new ConfigError(`bpe: no token stands for byte ${missing}; all 256 bytes need one`)
  // Files know tokens by their spelling.
  const some = vocabulary.specials.size > 0
  const spellings = new Set(some ? tokens.map((bytes) => bytes && bytesToCharacters(bytes)) : [])
  for (const [name, id] of vocabulary.specials) {
    if (name === '') throw new ConfigError('bpe: a special token has an empty name')
    if (spellings.has(name)) {
      throw new ConfigError(
        `bpe: ${name} is an ordinary token too; give the special token another name, as <|${name}|>`,
      )
    }
    if (tokens[id] !== undefined) throw new ConfigError(`bpe: id ${id} of special token ${name} is taken`)
    tokens[id] = new TextEncoder().encode(name)
  }
  const merges = rankedMerges(vocabulary.merges)

  const bytesOf = (id: number): Uint8Array => {
    const bytes = tokens[id]
    if (bytes === undefined) throw new DataError(`decode: there is no token ${id}; ids are 0 to ${tokens.length - 1}`)
    return bytes
  }
  let definition: string | undefined
  const tokenizer: BpeTokenizer = {
    vocabSize: tokens.length,
    specials: vocabulary.specials,
    tokens,
    merges: vocabulary.merges.map(([left, right]) => [left, right]),
    ...bpeEncoder(byteIds, merges, vocabulary.specials),
    decode: (ids) => decodeAll(ids, bytesOf),
    stream: () => streamDecoder(bytesOf),
    bytesOf,
    definition: () => (definition ??= writeTokenizerJson(tokenizer)),
  }
  return tokenizer
}

function rankedMerges(list: BpeVocabulary['merges']): Merges {
  const ranked = lastOfEachPair(list)
  const pairs = new PairTable(ranked.length)
  const results = Int32Array.from(ranked, (merge) => merge[2])
  for (const [left, right] of ranked) pairs.number(left, right)
  return { pairs, results }
}

function decodeAll(ids: ArrayLike<number>, bytesOf: (id: number) => Uint8Array): string {
  let size = 0
  for (let i = 0; i < ids.length; i++) size += bytesOf(ids[i]).length
  const bytes = new Uint8Array(size)
  let at = 0
  for (let i = 0; i < ids.length; i++) {
    const token = bytesOf(ids[i])
    bytes.set(token, at)
    at += token.length
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}
