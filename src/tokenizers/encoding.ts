/**
 * Tokens of a text and everything that is known of them. All lists have one entry for each token.
 */
export interface Encoding {
  readonly ids: Uint32Array
  /** Where each token stands in the text it comes from, in the asked {@link OffsetUnit}; 0 and 0 for added tokens. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** 0 for the first text, 1 for the second of a pair, or what the post-processor says. */
  readonly typeIds: Uint32Array
  /** 1 for tokens that the post-processor or padding added, 0 for tokens of the text. */
  readonly specialMask: Uint8Array
  /** 0 for padding, 1 for everything else. */
  readonly attentionMask: Uint8Array
  /** The number of the piece that the token is part of; −1 for added tokens. */
  readonly words: Int32Array
  /** 0 or 1: the text that the token comes from; −1 for added tokens. */
  readonly sequences: Int8Array
  /** What truncation cut off, in windows of the same length that overlap by the stride. */
  readonly overflow: readonly Encoding[]
}

/** Code points (Python's characters), UTF-16 code units (JavaScript's), or bytes of UTF-8. */
export type OffsetUnit = 'codePoints' | 'codeUnits' | 'bytes'
