import { tokenizer } from '../assemble.ts'
import { wordPieceDecoder } from '../decoders/word-piece.ts'
import { wordPieceModel } from '../models/word-piece.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { bertPreTokenizer } from '../pieces/bert.ts'
import { templateProcessor } from '../post-processors/template.ts'
import type { Normalizer, PreTokenizer } from '../stages.ts'
import type { Tokenizer } from '../tokenizer.ts'

export interface BertTokenizerOptions {
  readonly vocab: ReadonlyMap<string, number>
  /** Default: those of `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]` and `[MASK]` that are in the vocabulary. */
  readonly specials?: readonly string[]
  /** The token of words that cannot be spelled. Default `[UNK]`. */
  readonly unknown?: string
  /** What tokens inside a word begin with. Default `##`. */
  readonly continuingPrefix?: string
  /** Default: {@link bertNormalizer}, which makes letters small and takes accents away. */
  readonly normalizer?: Normalizer
  /** Default: {@link bertPreTokenizer}. */
  readonly preTokenizer?: PreTokenizer
}

export const bertSpecials: readonly string[] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']

/**
 * BERT's tokenizer for a vocabulary of WordPiece: text is made small and cut at spaces and punctuation; words are spelled
 * by the longest tokens; where special tokens are asked for, `[CLS]` and `[SEP]` stand around, if the vocabulary has them.
 *
 * For languages whose letters have accents of their own, as the Kazakh й, give `bertNormalizer({ stripAccents: false })`.
 *
 * @throws ConfigError for a vocabulary in which two tokens have one id
 * Source: Devlin et al. 2019, "BERT", section 3.
 *
 * @example
 * const vocab = new Map(['[UNK]', '[CLS]', '[SEP]', 'кітап', '##тар', '!'].map((token, id) => [token, id]))
 * const bert = bertTokenizer({ vocab })
 * bert.encode('Кітаптар!', { addSpecials: true }) // [1, 3, 4, 5, 2]
 * bert.decode([3, 4, 5]) // 'кітаптар!'
 */
export function bertTokenizer(options: BertTokenizerOptions): Tokenizer {
  const { vocab, unknown, continuingPrefix, specials = bertSpecials.filter((token) => vocab.has(token)) } = options
  const [cls, sep] = ['[CLS]', '[SEP]'].map((token) => (specials.includes(token) ? vocab.get(token) : undefined))
  return tokenizer({
    normalizer: options.normalizer ?? bertNormalizer(),
    preTokenizer: options.preTokenizer ?? bertPreTokenizer(),
    model: wordPieceModel({ vocab, unknown, continuingPrefix }),
    postProcessor: cls === undefined || sep === undefined ? undefined : bertTemplate(cls, sep),
    decoder: wordPieceDecoder({ prefix: continuingPrefix }),
    addedTokens: specials.map((content) => ({ content, special: true })),
  })
}

function bertTemplate(cls: number, sep: number) {
  const first = [{ special: '[CLS]' }, { sequence: 'A' }, { special: '[SEP]' }] as const
  return templateProcessor({
    single: first,
    pair: [...first, { sequence: 'B', typeId: 1 }, { special: '[SEP]', typeId: 1 }],
    specials: new Map([
      ['[CLS]', { ids: [cls], tokens: ['[CLS]'] }],
      ['[SEP]', { ids: [sep], tokens: ['[SEP]'] }],
    ]),
  })
}
