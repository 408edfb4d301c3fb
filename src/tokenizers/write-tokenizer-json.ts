import type { BpeTokenizer } from './bpe-tokenizer.ts'
import { bytesToCharacters } from './byte-alphabet.ts'
import { lastOfEachPair } from './merge.ts'

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }

/**
 * The text of a Hugging Face tokenizer.json (version 1.0): byte-level BPE with GPT-2's pieces.
 *
 * @example
 * JSON.parse(writeTokenizerJson(bpe({ merges: [[71, 72]] }))).model.vocab.hi // 256
 */
export function writeTokenizerJson(tokenizer: BpeTokenizer): string {
  const names = tokenizer.tokens.map((bytes) => bytes && bytesToCharacters(bytes))
  for (const [name, id] of tokenizer.specials) names[id] = name
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...tokenizer.specials].map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(names.flatMap((name, id) => (name === undefined ? [] : [[name, id]]))),
      merges: lastOfEachPair(tokenizer.merges).map(([left, right]) => [names[left], names[right]]),
    },
  })
}
