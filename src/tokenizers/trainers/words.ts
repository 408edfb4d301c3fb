import { ConfigError, DataError } from '../../base/index.ts'
import { tokenizer } from '../assemble.ts'
import { fuseDecoder } from '../decoders/fuse.ts'
import { wordLevelModel } from '../models/word-level.ts'
import { pieces } from '../pieces/scanners/pieces.ts'
import type { Decoder, Normalizer, PreTokenizer } from '../stages.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { eachPart } from '../training/each-part.ts'
import { WordCounts } from '../training/word-counts.ts'

export interface TrainWordsOptions {
  /** Tokens at most, with the unknown token and the special tokens; the most frequent words are taken. */
  readonly vocabSize: number
  /** Names of tokens that are no text; they get the last ids. */
  readonly specials?: readonly string[]
  /** The token of words that are not in the vocabulary; it has id 0. Default `<unk>`. */
  readonly unknown?: string
  /** Words that occur less often are left out. Default 1. */
  readonly leastCount?: number
  readonly normalizer?: Normalizer
  /** What makes words of text. Default GPT-2's pieces: words keep the space before them, so that nothing is lost. */
  readonly preTokenizer?: PreTokenizer
  /** Default: tokens one after the other, which fits the default of preTokenizer. */
  readonly decoder?: Decoder
  readonly onProgress?: (progress: { readonly stage: 'reading'; readonly done: number }) => void
}

/**
 * A tokenizer whose tokens are the most frequent words of a text; the more frequent, the lower the id, and of equally
 * frequent words the one that came first. All other words are one unknown token.
 *
 * @param text a text, or its parts as they arrive; memory grows with the distinct words
 * @throws ConfigError when vocabSize has no room for a word
 * @throws DataError when the text is empty
 *
 * @example
 * const words = trainWords('бір адам, бір ат, бір', { vocabSize: 4 })
 * words.decode(words.encode('бір бір ат')) // 'бір бір<unk>'
 */
export function trainWords(text: string | Iterable<string>, options: TrainWordsOptions): Tokenizer
export function trainWords(text: AsyncIterable<string>, options: TrainWordsOptions): Promise<Tokenizer>
export function trainWords(
  text: string | Iterable<string> | AsyncIterable<string>,
  options: TrainWordsOptions,
): Tokenizer | Promise<Tokenizer> {
  const { specials = [], unknown = '<unk>', leastCount = 1, vocabSize, normalizer } = options
  const { preTokenizer = pieces('gpt2'), decoder = fuseDecoder() } = options
  const room = vocabSize - specials.length - 1
  if (!(room >= 1)) {
    throw new ConfigError(
      `trainWords: vocabSize is ${vocabSize}, but one word, the unknown token and ${specials.length} special tokens need ${specials.length + 2} at least`,
    )
  }
  const counts = new WordCounts({ normalizer, preTokenizer })
  let read = 0
  const push = (part: string) => {
    counts.push(part)
    read += part.length
    options.onProgress?.({ stage: 'reading', done: read })
  }
  return eachPart(text, push, () => {
    const words = [...counts.end()]
    if (words.length === 0) throw new DataError('trainWords: the text has no words; give at least one')
    const kept = words
      .filter(([word, count]) => count >= leastCount && word !== unknown)
      .sort(([, m], [, n]) => n - m)
      .slice(0, room)
      .map(([word]) => word)
    return tokenizer({
      normalizer,
      preTokenizer,
      model: wordLevelModel({ vocab: new Map([unknown, ...kept].map((token, id) => [token, id])), unknown }),
      decoder,
      addedTokens: specials.map((content) => ({ content, special: true })),
    })
  })
}
