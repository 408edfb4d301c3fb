import type { AddedTokenOptions } from './added-tokens.ts'
import type { Encoding, OffsetUnit } from './encoding.ts'
import type { Padding } from './padding.ts'
import type { Decoder, Model, Normalizer, PostProcessor, PreTokenizer } from './stages.ts'
import type { Truncation } from './truncation.ts'

/** What a tokenizer is made of; all but the model may be left out. */
export interface TokenizerParts {
  readonly normalizer?: Normalizer
  readonly preTokenizer?: PreTokenizer
  readonly model: Model
  readonly postProcessor?: PostProcessor
  readonly decoder?: Decoder
  readonly addedTokens?: readonly AddedTokenOptions[]
  /** What {@link Tokenizer.encoding} does unless told otherwise. */
  readonly truncation?: Truncation
  /** What {@link Tokenizer.encoding} does unless told otherwise. */
  readonly padding?: Padding
}

/**
 * What every tokenizer promises, whatever its algorithm. Text goes in, token ids come out, and back.
 *
 * Text is a JavaScript string; a lone surrogate in it counts as U+FFFD, because it has no bytes in UTF-8.
 */
export interface Tokenizer {
  readonly parts: TokenizerParts
  /** Ids are integers in [0, vocabSize). Special tokens are counted. */
  readonly vocabSize: number
  /** Tokens that are no text, by name: `specials.get('<|endoftext|>')`. */
  readonly specials: ReadonlyMap<string, number>
  /** The id of a token, by its spelling in files. */
  idOf(token: string): number | undefined
  /** The spelling of a token in files; undefined for an id that is not used. */
  tokenOf(id: number): string | undefined
  /**
   * Token ids of a text, never truncated nor padded. The names of special tokens inside the text are ordinary characters
   * unless they are allowed, so that text cannot inject them.
   *
   * @throws DataError with `specialText: 'refuse'` for a special token in the text that is not allowed
   */
  encode(text: string, options?: EncodeOptions): Uint32Array
  /**
   * Token ids of bytes, which need not be UTF-8.
   *
   * @throws DataError when the bytes are no text and the tokenizer is not over bytes
   */
  encodeBytes(bytes: Uint8Array): Uint32Array
  /** The tokens of a text, or of a pair of texts, with where they stand and everything else that is known of them. */
  encoding(text: string, options?: EncodingOptions): Encoding
  /** Encodings of many texts or pairs, padded to the longest where there is padding. */
  encodings(
    texts: readonly (string | readonly [text: string, pair: string])[],
    options?: Omit<EncodingOptions, 'pair'>,
  ): Encoding[]
  /** Encodes a text that arrives in parts; the ids do not depend on where the parts were cut. Specials are text. */
  encoder(): StreamEncoder
  /**
   * The text of token ids. Bytes that are not UTF-8 become U+FFFD.
   *
   * @throws DataError for an id that is not in the vocabulary
   */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string
  /** Decodes ids that arrive one by one; never gives half a character, and in all what `decode` gives. */
  stream(options?: DecodeOptions): StreamDecoder
  /**
   * The bytes that a token stands for inside a text; those of its name for a special token. Not to be written to.
   *
   * @throws DataError for an id that is not in the vocabulary
   */
  bytesOf(id: number): Uint8Array
  /**
   * Everything that encoding depends on, as text. Equal definitions encode alike, so its hash can name what was made
   * with a tokenizer.
   */
  definition(): string
}

export interface EncodeOptions {
  /**
   * Names of special tokens to be recognised in the text; `true` for all. Of several that match, the longest wins. A
   * function is asked for each that is found, with the code unit where it begins: of a chat, those of the template count
   * and those in messages do not.
   */
  readonly allowSpecials?: true | readonly string[] | ((name: string, start: number) => boolean)
  /** What to do about special tokens in the text that are not allowed; they are data unless said. */
  readonly specialText?: 'data' | 'refuse'
  /** Whether the post-processor adds its tokens around the text; false unless said. */
  readonly addSpecials?: boolean
  /** A second text, which the post-processor puts behind the first. */
  readonly pair?: string
}

export interface EncodingOptions extends EncodeOptions {
  /** What offsets count; code units unless said. */
  readonly offsets?: OffsetUnit
  /** Instead of the tokenizer's own; `false` for none. */
  readonly truncation?: Truncation | false
  /** Instead of the tokenizer's own; `false` for none. */
  readonly padding?: Padding | false
}

export interface DecodeOptions {
  /** Whether to leave special tokens out; false unless said. */
  readonly skipSpecials?: boolean
}

export interface StreamEncoder {
  /** The ids that are certain so far. The rest is kept until more text decides it. */
  push(text: string): Uint32Array
  /** The ids of what was kept; the encoder is then ready for another text. */
  end(): Uint32Array
}

export interface StreamDecoder {
  /** The characters that this id completes; often the whole token, '' while a character is incomplete. */
  push(id: number): string
  /** What is left: U+FFFD for an incomplete character. The decoder is then ready for another text. */
  end(): string
}
