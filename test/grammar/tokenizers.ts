import {
  bpeModel,
  byteFallbackDecoder,
  byteLevelDecoder,
  characterOfByte,
  decoderSequence,
  fuseDecoder,
  replaceDecoder,
  stripDecoder,
  type Tokenizer,
  tokenizer,
  unigram,
  wordPieceDecoder,
  wordPieceModel,
} from '../../src/tokenizers/index.ts'

const spell = (bytes: Uint8Array) => Array.from(bytes, (byte) => characterOfByte[byte]).join('')

/** A byte-level tokenizer with all bytes and these tokens. */
export function byteLevel(tokens: readonly (string | Uint8Array)[], specials: readonly string[] = []): Tokenizer {
  const vocab = new Map(characterOfByte.map((character, byte) => [character, byte]))
  for (const token of tokens) {
    const spelled = spell(typeof token === 'string' ? new TextEncoder().encode(token) : token)
    if (!vocab.has(spelled)) vocab.set(spelled, vocab.size)
  }
  return tokenizer({
    model: bpeModel({ vocab, merges: [], byteLevel: true }),
    decoder: byteLevelDecoder(),
    addedTokens: specials.map((content) => ({ content, special: true })),
  })
}

/** As Llama's: pieces with a mark for spaces, and a token for each byte. */
export function byteFallback(pieces: readonly string[]): Tokenizer {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  return tokenizer({
    model: unigram({
      pieces: ['<unk>', '</s>', ...bytes, ...pieces].map((piece, i) => [piece, -i] as const),
      unknownId: 0,
      byteFallback: true,
    }),
    decoder: decoderSequence([
      replaceDecoder({ text: '▁' }, ' '),
      byteFallbackDecoder(),
      fuseDecoder(),
      stripDecoder({ content: ' ', start: 1, stop: 0 }),
    ]),
    addedTokens: [{ content: '</s>', special: true }],
  })
}

export function wordPieces(words: readonly string[]): Tokenizer {
  const vocab = new Map(['[UNK]', '[SEP]', ...words].map((word, id) => [word, id]))
  return tokenizer({
    model: wordPieceModel({ vocab }),
    decoder: wordPieceDecoder(),
    addedTokens: ['[UNK]', '[SEP]'].map((content) => ({ content, special: true })),
  })
}
