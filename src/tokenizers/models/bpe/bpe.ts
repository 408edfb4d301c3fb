import { ConfigError } from '../../../base/index.ts'
import { bytesInOrder } from '../../byte-alphabet.ts'
import type { PatternName } from '../../pieces/scanners/patterns.ts'
import { pieces } from '../../pieces/scanners/pieces.ts'
import type { PreTokenizer } from '../../stages.ts'
import { assembledBpe, type BpeTokenizer } from './assembled-bpe.ts'
import { TokenBytes } from './token-bytes.ts'

/** A vocabulary with ids of its own choosing. {@link bpe} is the usual way. */
export interface BpeVocabulary {
  /** Bytes of each id; undefined where an id is not used. All 256 single bytes must be among them. */
  readonly tokens: readonly (Uint8Array | undefined)[]
  /** Ids that merge, in order, and what they become. */
  readonly merges: readonly (readonly [left: number, right: number, result: number])[]
  readonly specials?: ReadonlyMap<string, number>
  /** Cuts that merges never cross, or the name of a well-known one; GPT-2's unless said. */
  readonly pieces?: PatternName | PreTokenizer
}

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
  pieces?: PatternName | PreTokenizer
}): BpeTokenizer {
  const tokens = new TokenBytes()
  bytesInOrder.forEach((byte, id) => {
    tokens.add(id, Uint8Array.of(byte))
  })
  const merges = parts.merges.map(([left, right], i): [number, number, number] => {
    const first = tokens.bytesOf(left)
    const second = tokens.bytesOf(right)
    if (first === undefined || second === undefined) {
      throw new ConfigError(
        `bpe: merge ${i} joins ids ${left} and ${right}, but only 0 to ${tokens.size - 1} exist by then`,
      )
    }
    const bytes = new Uint8Array(first.length + second.length)
    bytes.set(first)
    bytes.set(second, first.length)
    // Different pairs may spell the same token: [a, bc] and [ab, c].
    return [left, right, tokens.add(tokens.size, bytes)]
  })
  const names = parts.specials ?? []
  const specials = new Map(names.map((name, i) => [name, tokens.size + i]))
  if (specials.size !== names.length) throw new ConfigError('bpe: a special token is named twice')
  return assembled(tokens, { merges, specials, pieces: parts.pieces })
}

/**
 * A tokenizer from a vocabulary with any ids.
 *
 * @throws ConfigError when a byte has no token, two tokens have the same bytes, a merge names an id that is not used or
 *   makes other bytes than it should, or a special token has no name, an ordinary token's name, or a taken id
 *
 * @example
 * const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
 * bpeFromVocabulary({ tokens: [...tokens, Uint8Array.of(104, 105)], merges: [[104, 105, 256]] }).encode('hi') // [256]
 */
export function bpeFromVocabulary(vocabulary: BpeVocabulary): BpeTokenizer {
  const tokens = new TokenBytes()
  vocabulary.tokens.forEach((bytes, id) => {
    if (bytes === undefined) return
    if (bytes.length === 0) throw new ConfigError(`bpe: token ${id} has no bytes`)
    const known = tokens.add(id, bytes)
    if (known !== id) throw new ConfigError(`bpe: tokens ${known} and ${id} have the same bytes`)
  })
  vocabulary.merges.forEach(([left, right, result], i) => {
    const [first, second, both] = [left, right, result].map((id) => tokens.bytesOf(id))
    if (!first || !second || !both || both.length !== first.length + second.length) {
      throw new ConfigError(`bpe: merge ${i} of ids ${left} and ${right} does not make ${result}`)
    }
    if (!both.every((byte, at) => byte === (at < first.length ? first[at] : second[at - first.length]))) {
      throw new ConfigError(`bpe: merge ${i} of ids ${left} and ${right} does not make ${result}`)
    }
  })
  return assembled(tokens, vocabulary)
}

function assembled(tokens: TokenBytes, { merges, specials, pieces: cuts = 'gpt2' }: Omit<BpeVocabulary, 'tokens'>) {
  return assembledBpe({
    tokens,
    merges,
    specials: specials ?? new Map(),
    preTokenizer: typeof cuts === 'string' ? pieces(cuts) : cuts,
  })
}
