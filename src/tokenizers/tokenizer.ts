/**
 * What every tokenizer promises, whatever its algorithm. Text goes in, token ids come out, and back.
 *
 * Text is a JavaScript string; a lone surrogate in it counts as U+FFFD, because it has no bytes in UTF-8.
 */
export interface Tokenizer {
  /** Ids are integers in [0, vocabSize). Special tokens are counted. */
  readonly vocabSize: number
  /** Tokens that are no text, by name: `specials.get('<|endoftext|>')`. */
  readonly specials: ReadonlyMap<string, number>
  /**
   * Token ids of a text. The names of special tokens inside the text are ordinary characters unless they are allowed,
   * so that text cannot inject them.
   */
  encode(text: string, options?: EncodeOptions): Uint32Array
  /** Encodes a text that arrives in parts; the ids do not depend on where the parts were cut. Specials are text. */
  encoder(): StreamEncoder
  /**
   * The text of token ids. Bytes that are not UTF-8 become U+FFFD.
   *
   * @throws DataError for an id that is not in the vocabulary
   */
  decode(ids: ArrayLike<number>): string
  /** Decodes ids that arrive one by one; never gives half a character. */
  stream(): StreamDecoder
  /**
   * The bytes that a token stands for; those of its name for a special token. Not to be written to.
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
  /** Names of special tokens to be recognised in the text; `true` for all. Of several that match, the longest wins. */
  readonly allowSpecials?: true | readonly string[]
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
