import type { AlignedText } from './aligned-text.ts'
import type { Encoding } from './encoding.ts'
import type { TokenList } from './token-list.ts'

/**
 * The stages of a tokenizer, in the order in which text passes them:
 *
 *     text → normalizer → pieces (pre-tokenizer) → model → post-processor → ids → decoder → text
 *
 * Every stage is plain data and functions, made by a factory that is named after it, and says how tokenizer.json spells
 * it. Names, order and behaviour are those of Hugging Face's tokenizers, so that its files mean the same here.
 */
export interface Stage {
  /** The entry that stands for this stage in a tokenizer.json. */
  readonly json: StageJson
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type StageJson = { readonly type: string; readonly [name: string]: Json }

/** Rewrites text before it is cut: lower case, Unicode normal forms, spaces. */
export interface Normalizer extends Stage {
  /**
   * @param text well formed (no lone surrogates)
   * @param sources when given, receives for each code unit of the result the index of a code unit of `text` that it
   *   comes from; what was inserted comes from the character before it, or from −1 at the beginning
   * @param sourceEnds for the few normalizers of which one result stands for several characters: receives the code unit
   *   of `text` before which that ends, in place of the end of the character at the source
   * @returns the new text; the same whether or not `sources` is given
   */
  normalize(text: string, sources?: number[], sourceEnds?: number[]): string
}

/** Cuts text into pieces that tokens never cross. It may also rewrite them, as the metaspace does. */
export interface PreTokenizer extends Stage {
  /** The pieces of a part of the text, in order; never empty ones. */
  split(part: AlignedText): AlignedText[]
  /** The same cuts in UTF-8, for pre-tokenizers that cut and nothing else and have a scanner written by hand. */
  readonly scanner?: Scanner
}

/**
 * A pre-tokenizer at full speed: cuts UTF-8 where it stands.
 *
 * Bytes that are not UTF-8 count, each of them, as a character that is neither letter, number nor space.
 */
export interface Scanner {
  /**
   * Where the piece ends that begins at `at`.
   *
   * @param at where a piece begins, below `limit`
   * @param limit where the bytes end
   * @param last whether the text ends at `limit`. Otherwise more bytes will come, and the result is −1 when these could
   *   change where this piece ends.
   */
  end(bytes: Uint8Array, at: number, limit: number, last: boolean): number
}

/** Turns pieces into tokens: BPE, WordPiece, Unigram, words. */
export interface Model {
  /** The entry `model` of a tokenizer.json. Can be large, so it is made when asked for. */
  toJson(): StageJson
  /** One more than the highest id. */
  readonly vocabSize: number
  /** The id of a token, by its spelling in files. */
  idOf(token: string): number | undefined
  /** The spelling of a token; undefined for an id that is not used. */
  tokenOf(id: number): string | undefined
  /** The id of text that has no token, where an {@link Encoding} shows that text and not the spelling of the id. */
  readonly unspelledId?: number
  /** Adds the tokens of a piece to the list. Equal pieces give equal tokens. */
  encode(piece: string, out: TokenList): void
  /**
   * Whether tokens are bytes: pieces are taken as UTF-8, and files spell each byte of a token as one character of the byte
   * alphabet. A tokenizer.json says so by a ByteLevel behind the pre-tokenizer.
   */
  readonly byteLevel?: boolean
  /** For models over bytes: a way past all strings, used when text only needs to be cut by a scanner. */
  byteEncoder?(scanner: Scanner): ByteEncoder
}

/** Encodes text that arrives in parts, cut by a scanner, at full speed. Ids do not depend on where parts were cut. */
export interface ByteEncoder {
  /** Lone surrogates count as U+FFFD; a pair may be cut in two. */
  pushText(text: string): void
  pushBytes(bytes: Uint8Array): void
  /** Puts an id, such as a special token's, after what was pushed; pieces end there. */
  pushId(id: number): void
  /** The ids that are certain so far, since the last take. */
  take(): Uint32Array
  /** The text is over: all remaining ids; the encoder is then ready for another text. */
  end(): Uint32Array
}

/** Adds special tokens around what was encoded, and says which sequence each token belongs to. */
export interface PostProcessor extends Stage {
  /** How many tokens {@link process} adds to one text, or to a pair. Truncation leaves room for them. */
  addedTokens(pair: boolean): number
  /** @param encodings one, or two for a pair of texts */
  process(encodings: readonly Encoding[], addSpecials: boolean): Encoding[]
}

/** Turns spellings of tokens back into text, one after the other. */
export interface Decoder extends Stage {
  /** For decoders that turn each token into bytes for itself and take all of them as UTF-8: the bytes of a token. */
  readonly bytesOf?: (token: string) => Uint8Array
  /** Begins a text, which will be given to `emit`. */
  begin(emit: EmitText): DecoderRun
}

/**
 * Takes the spelling of a token, or the next part of it.
 *
 * @param closes whether the token ends with this part
 */
export type EmitText = (part: string, closes: boolean) => void

/** One text on its way through a decoder. */
export interface DecoderRun {
  /** Emits what is certain now, as tokens or parts of them. */
  readonly push: EmitText
  /** Emits the rest. */
  end(): void
}
