import type { Tokenizer } from './tokenizer.ts'

/** A byte-level BPE tokenizer. Every text can be encoded, and `decode(encode(text))` is the text. */
export interface BpeTokenizer extends Tokenizer {
  /** Bytes of each id, special tokens included; undefined where a file left an id unused. */
  readonly tokens: readonly (Uint8Array | undefined)[]
  /** Pairs of token ids in the order in which they merge. */
  readonly merges: readonly (readonly [left: number, right: number])[]
}

/** A vocabulary with ids of its own choosing, as files have it. {@link bpe} is the usual way. */
export interface BpeVocabulary {
  /** Bytes of each id; undefined where an id is not used. All 256 single bytes must be among them. */
  readonly tokens: readonly (Uint8Array | undefined)[]
  /** Ids that merge, in order, and what they become. */
  readonly merges: readonly (readonly [left: number, right: number, result: number])[]
  readonly specials: ReadonlyMap<string, number>
}
