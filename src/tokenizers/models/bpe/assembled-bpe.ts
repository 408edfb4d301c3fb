import { ConfigError } from '../../../base/index.ts'
import { tokenizer } from '../../assemble.ts'
import { charactersToBytes } from '../../byte-alphabet.ts'
import { byteLevelDecoder } from '../../decoders/byte-level.ts'
import type { Tokenizer, TokenizerParts } from '../../tokenizer.ts'
import { byteBpe } from './byte-bpe.ts'
import { modelJson } from './model-json.ts'
import { PairRanks } from './pair-ranks.ts'
import type { TokenBytes } from './token-bytes.ts'

/** A BPE tokenizer. One over bytes encodes every text, and `decode(encode(text))` is the text. */
export interface BpeTokenizer extends Tokenizer {
  /** Pairs of token ids in the order in which they merge. */
  readonly merges: readonly (readonly [left: number, right: number])[]
}

type Merge = readonly [left: number, right: number, result: number]

const pairOf = ([left, right]: Merge) => [left, right] as const

interface BpeParts extends Omit<TokenizerParts, 'model' | 'addedTokens'> {
  readonly tokens: TokenBytes
  readonly merges: readonly Merge[]
  readonly specials: ReadonlyMap<string, number>
}

/**
 * A byte-level BPE tokenizer of its parts.
 *
 * @throws ConfigError when a byte has no token, or a special token has no name, an ordinary token's name, or a taken id
 */
export function assembledBpe({ tokens, merges, specials, ...stages }: BpeParts): BpeTokenizer {
  for (const name of specials.keys()) {
    if (name === '') throw new ConfigError('bpe: a special token has an empty name')
    const bytes = charactersToBytes(name)
    if (bytes === undefined || tokens.idOf(bytes) < 0) continue
    throw new ConfigError(`bpe: ${name} is an ordinary token too; give the special token another name, as <|${name}|>`)
  }
  const pairs = PairRanks.listed(merges.length, (rank) => merges[rank])
  const model = byteBpe({
    tokens,
    pairs,
    // Files give ids to special tokens only where no others follow.
    names: new Map([...specials].filter(([, id]) => id < tokens.size)),
    wholeFirst: false,
    merges: () => merges.filter(([left, right], rank) => pairs.rank(left, right) === rank).map(pairOf),
    json: modelJson({}),
  })
  return {
    ...tokenizer({
      decoder: byteLevelDecoder({ addPrefixSpace: false }),
      ...stages,
      model,
      addedTokens: [...specials].map(([content, id]) => ({ content, id, special: true })),
    }),
    merges: merges.map(pairOf),
  }
}
