import { DataError } from '../../base/index.ts'
import { bertSpecials, bertTokenizer } from '../formats/index.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { bertPreTokenizer } from '../pieces/bert.ts'
import type { Normalizer, PreTokenizer } from '../stages.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { eachPart } from '../training/each-part.ts'
import { WordCounts } from '../training/word-counts.ts'
import { learnWordPieces, type WordPieceMerge, type WordPieceScore } from './learn-word-pieces.ts'

export interface TrainWordPieceOptions {
  /** Tokens in all. Fewer come out when the text has no more pairs to merge. */
  readonly vocabSize: number
  /** Names of tokens that are no text; they get the first ids. Default `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]`. */
  readonly specials?: readonly string[]
  /** The token of words that cannot be spelled; the first of the special tokens when it is not among them. Default `[UNK]`. */
  readonly unknown?: string
  /** What tokens inside a word begin with. Default `##`. */
  readonly continuingPrefix?: string
  /**
   * Which pair becomes a token. `likelihood ratio`: that with the highest c(ab) / (c(a) · c(b)), the default; of equals
   * the most frequent, then that with the lowest ids. `frequency`: the most frequent, of equals that with the lowest ids,
   * which is what Hugging Face's trainer does.
   */
  readonly score?: WordPieceScore
  /**
   * Pairs that occur less often are not merged. Default 1, which is the plain rule. The likelihood ratio favours parts
   * that are rare and always together, so from much text it learns the rarest words first: then give the highest count
   * that still fills the vocabulary (on 10 MB and 8,000 tokens about 50), and words that are common become whole.
   */
  readonly leastCount?: number
  /** Characters to keep at most, the most frequent ones; words are learned as if they had no others. */
  readonly limitAlphabet?: number
  /** Default: {@link bertNormalizer}. For Kazakh give it `stripAccents: false`, which leaves й as it is. */
  readonly normalizer?: Normalizer
  /** Default: {@link bertPreTokenizer}. */
  readonly preTokenizer?: PreTokenizer
  /** Receives each merge as it is made, with what decided it. */
  readonly trace?: (merge: WordPieceMerge) => void
  /** `reading` counts code units of text, `merging` counts tokens of `total`. */
  readonly onProgress?: (progress: {
    readonly stage: 'reading' | 'merging'
    readonly done: number
    readonly total?: number
  }) => void
}

export interface TrainedWordPiece extends Tokenizer {
  readonly report: WordPieceReport
}

/** What training saw and did. */
export interface WordPieceReport {
  readonly words: number
  readonly distinctWords: number
  /** Tokens of single characters, at the beginning of words and inside. */
  readonly alphabet: number
  /** Tokens that were merged. */
  readonly learnedTokens: number
}

/**
 * Learns a WordPiece vocabulary: words begin as characters, and the pair of neighbouring tokens that makes the text most
 * likely when it becomes one is merged, again and again. The same text gives the same tokenizer, however it is cut into
 * parts.
 *
 * @param text a text, or its parts as they arrive; memory grows with the distinct words, not with the text
 * @throws ConfigError when vocabSize has no room for the special tokens and the characters
 * @throws DataError when the text has no words
 * Cost: O(text) to count; each merge visits the words with the pair, and, for the likelihood ratio, the pairs with one of
 *   its parts.
 * Source: Schuster & Nakajima 2012, "Japanese and Korean voice search", section 3.
 *
 * @example
 * const wordPiece = trainWordPiece('бала балалар қала қалалар', { vocabSize: 20, trace: (merge) => console.log(merge.token) })
 * wordPiece.decode(wordPiece.encode('Қала')) // 'қала'
 */
export function trainWordPiece(text: string | Iterable<string>, options: TrainWordPieceOptions): TrainedWordPiece
export function trainWordPiece(text: AsyncIterable<string>, options: TrainWordPieceOptions): Promise<TrainedWordPiece>
export function trainWordPiece(
  text: string | Iterable<string> | AsyncIterable<string>,
  options: TrainWordPieceOptions,
): TrainedWordPiece | Promise<TrainedWordPiece> {
  const { unknown = '[UNK]', continuingPrefix = '##', vocabSize, onProgress } = options
  const { normalizer = bertNormalizer(), preTokenizer = bertPreTokenizer() } = options
  const asked = options.specials ?? bertSpecials
  const specials = asked.includes(unknown) ? asked : [unknown, ...asked]
  const counts = new WordCounts({ normalizer, preTokenizer })
  let read = 0
  const push = (part: string) => {
    counts.push(part)
    read += part.length
    onProgress?.({ stage: 'reading', done: read })
  }
  return eachPart(text, push, () => {
    const words = counts.end()
    if (words.size === 0) throw new DataError('trainWordPiece: the text has no words; give at least one')
    let learnedTokens = 0
    const tokens = learnWordPieces(words, {
      vocabSize,
      specials,
      continuingPrefix,
      score: options.score ?? 'likelihood ratio',
      leastCount: options.leastCount ?? 1,
      limitAlphabet: options.limitAlphabet,
      onMerge(merge, done) {
        if (merge.isNew) learnedTokens++
        options.trace?.(merge)
        onProgress?.({ stage: 'merging', done, total: vocabSize })
      },
    })
    const vocab = new Map(tokens.map((token, id) => [token, id]))
    const report: WordPieceReport = {
      words: counts.total,
      distinctWords: words.size,
      alphabet: tokens.length - specials.length - learnedTokens,
      learnedTokens,
    }
    return { ...bertTokenizer({ vocab, specials, unknown, continuingPrefix, normalizer, preTokenizer }), report }
  })
}
