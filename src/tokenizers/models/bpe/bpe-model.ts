import { ConfigError, random } from '../../../base/index.ts'
import { charactersToBytes } from '../../byte-alphabet.ts'
import type { BpeModel, BpeModelOptions } from './bpe-options.ts'
import { byteBpe } from './byte-bpe.ts'
import { characterBpe, spaceCuts } from './character-bpe.ts'
import { mergeWithDropout } from './merge-with-dropout.ts'
import { modelJson, spelledVocabulary } from './model-json.ts'
import { PairRanks } from './pair-ranks.ts'
import { characterSymbols } from './symbols.ts'
import { idLimit, TokenBytes } from './token-bytes.ts'

/**
 * Byte-pair encoding (Sennrich et al. 2016): of neighbouring tokens the pair that comes first in the list of merges
 * becomes one token, again and again.
 *
 * @throws ConfigError for ids out of range or taken twice, merges of tokens or to tokens that are not in the vocabulary,
 *   a byte without a token, or a dropout outside [0, 1]
 * Cost: O(n) for pieces that were seen before; otherwise O(n log n) at worst, and about O(n).
 *
 * @example
 * const vocab = new Map([['ә', 0], ['л', 1], ['і', 2], ['лі', 3], ['әлі', 4]])
 * const model = bpeModel({ vocab, merges: [['л', 'і'], ['ә', 'лі']] })
 * tokenizer({ model }).encode('әліл') // [4, 1]
 */
export function bpeModel(options: BpeModelOptions): BpeModel {
  const { vocab, byteLevel = false, ignoreMerges = false, dropout = 0 } = options
  if (!(dropout >= 0 && dropout <= 1)) throw new ConfigError(`bpe: dropout is ${dropout}, expected 0 to 1`)
  const { tokens, names } = tokensOf(vocab, byteLevel)
  const prefix = byteLevel ? '' : (options.continuingSubwordPrefix ?? '')
  const listed = listedMerges(options.merges, vocab, prefix)
  const { pairs } = listed
  const rng = random(options.seed ?? 0)
  const merge =
    dropout === 0
      ? undefined
      : (pairs: PairRanks, ids: Int32Array, count: number, spans?: Int32Array) =>
          mergeWithDropout(pairs, ids, count, { probability: dropout, random: rng }, spans)
  const parts = { tokens, pairs, merge, wholeFirst: ignoreMerges && dropout === 0 }
  const json = modelJson(options)
  if (byteLevel) return byteBpe({ ...parts, names, merges: listed.merges, json })

  const cuts = spaceCuts(tokens, options)
  const model = characterBpe({ ...parts, symbols: characterSymbols(tokens, options), cuts })
  return {
    ...model,
    byteLevel: false,
    vocabSize: tokens.size,
    bytesOf: () => undefined,
    merges: () => Array.from(listed.merges()),
    toJson: () => ({ ...json, ...spelledVocabulary(tokens.size, model.tokenOf, listed.merges()) }),
  }
}

function tokensOf(vocab: ReadonlyMap<string, number>, byteLevel: boolean) {
  const tokens = new TokenBytes()
  const names = new Map<string, number>()
  const taken = new Set<number>()
  for (const [token, id] of vocab) {
    const place = () => `bpe: vocab[${JSON.stringify(token.slice(0, 80))}]`
    if (!Number.isInteger(id) || id < 0 || id >= idLimit)
      throw new ConfigError(`${place()}: no id from 0 to ${idLimit - 1}`)
    if (taken.has(id)) throw new ConfigError(`${place()}: id ${id} is taken by another token`)
    taken.add(id)
    const bytes = byteLevel ? charactersToBytes(token) : utf8.encode(token)
    // A name that spells no bytes, or nothing, is never found in text.
    if (bytes === undefined || bytes.length === 0) names.set(token, id)
    else if (tokens.add(id, bytes) !== id) throw new ConfigError(`${place()}: another token has the same bytes`)
  }
  return { tokens, names }
}

const utf8 = new TextEncoder()

function listedMerges(merges: BpeModelOptions['merges'], vocab: ReadonlyMap<string, number>, prefix: string) {
  const ids = new Int32Array(2 * merges.length)
  const pairs = PairRanks.listed(merges.length, (rank) => {
    const [left, right] = merges[rank]
    const idOf = (token: string): number => {
      const id = vocab.get(token)
      if (id !== undefined) return id
      throw new ConfigError(`bpe: merges[${rank}]: ${JSON.stringify(token.slice(0, 80))} is not in the vocabulary`)
    }
    const joined = left + right.slice(prefix.length)
    if (joined === left || joined === right) {
      throw new ConfigError(`bpe: merges[${rank}] makes ${JSON.stringify(joined.slice(0, 80))} of itself`)
    }
    ids[2 * rank] = idOf(left)
    ids[2 * rank + 1] = idOf(right)
    return [ids[2 * rank], ids[2 * rank + 1], idOf(joined)]
  })
  return {
    pairs,
    *merges(): Generator<[left: number, right: number]> {
      for (let rank = 0; rank < merges.length; rank++) {
        const [left, right] = [ids[2 * rank], ids[2 * rank + 1]]
        if (pairs.rank(left, right) === rank) yield [left, right]
      }
    },
  }
}
