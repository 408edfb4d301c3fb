import { DataError } from '../base/index.ts'
import type { Tokenizer } from './tokenizer.ts'

/** What a tokenizer makes of one text. Words are what white space separates. */
export interface TextMeasures {
  /** Of UTF-8. */
  readonly bytes: number
  readonly words: number
  readonly tokens: number
  /** Bytes / tokens: how much text fits a context. */
  readonly bytesPerToken: number
  /** Tokens / words, which is called fertility; 1 is the least where tokens end with words. */
  readonly tokensPerWord: number
  /** Share of words whose letters and digits, from first to last, lie in one known token; of words that have any. */
  readonly wholeWords: number
  /** Tokens that say only that something was not known. */
  readonly unknownTokens: number
  /**
   * How evenly the text uses the vocabulary, from 0 to 1: H_α(p) / ln V, where p is the share of each token in the text,
   * V the size of the vocabulary, and H_α(p) = ln(Σ p^α) / (1 − α) the Rényi entropy.
   */
  readonly renyiEfficiency: number
  /** Tokens / tokens of the base text, which should say the same in another language; absent where there is no base. */
  readonly costToBase?: number
}

export interface MeasureOptions {
  /** The language that costs are relative to. Default `en`. */
  readonly base?: string
  /** The order of the Rényi entropy, more than 1. Default 2.5, which predicts translation quality best. */
  readonly alpha?: number
}

/**
 * Measures what a tokenizer makes of texts, to compare tokenizers and languages.
 *
 * @param texts by language; for costs they should be translations of each other
 * @throws DataError for a text without words
 * Source: fertility: Ács 2019, "Exploring BERT's vocabulary"; Rényi efficiency: Zouhar et al. 2023, "Tokenization and the
 *   noiseless channel"; cost: Petrov et al. 2023, "Language model tokenizers introduce unfairness between languages".
 *
 * @example
 * const figures = measureTokenizer(tokenizer, { en: 'One word.', kk: 'Бір сөз.' })
 * figures.kk.tokensPerWord // 7; a byte is a token here, and a Kazakh letter has two
 */
export function measureTokenizer<Language extends string>(
  tokenizer: Tokenizer,
  texts: Readonly<Record<Language, string>>,
  { base = 'en', alpha = 2.5 }: MeasureOptions = {},
): Record<Language, TextMeasures> {
  const unknown = unknownIdOf(tokenizer)
  const measured = Object.entries<string>(texts).map(([language, text]) => {
    const words = text.match(/\S+/g)?.length ?? 0
    if (words === 0) throw new DataError(`measureTokenizer: the text ${JSON.stringify(language)} has no words`)
    const { ids, starts, ends } = tokenizer.encoding(text)
    const counts = new Map<number, number>()
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
    const bytes = new TextEncoder().encode(text).length
    const known = (token: number) => ids[token] !== unknown
    return [
      language,
      {
        bytes,
        words,
        tokens: ids.length,
        bytesPerToken: bytes / ids.length,
        tokensPerWord: ids.length / words,
        wholeWords: shareOfWholeWords(text, starts, ends, known),
        unknownTokens: unknown === undefined ? 0 : (counts.get(unknown) ?? 0),
        renyiEfficiency: renyiEntropy([...counts.values()], alpha) / Math.log(tokenizer.vocabSize),
      },
    ] as const
  })
  const baseTokens = measured.find(([language]) => language === base)?.[1].tokens
  return Object.fromEntries(
    measured.map(([language, figures]) => [
      language,
      baseTokens === undefined ? figures : { ...figures, costToBase: figures.tokens / baseTokens },
    ]),
  ) as Record<Language, TextMeasures>
}

/** In nats, of the distribution that is proportional to the counts. */
function renyiEntropy(counts: readonly number[], alpha: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return Math.log(counts.reduce((sum, count) => sum + (count / total) ** alpha, 0)) / (1 - alpha)
}

function shareOfWholeWords(
  text: string,
  starts: Uint32Array,
  ends: Uint32Array,
  known: (token: number) => boolean,
): number {
  let words = 0
  let whole = 0
  let token = 0
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{M}\p{N}](?:\S*[\p{L}\p{M}\p{N}])?/gu)) {
    words++
    const end = index + word.length
    while (token < ends.length && ends[token] <= index) token++
    // Tokens that are parts of one character all stand for the whole of it.
    const isAlone = token + 1 >= starts.length || starts[token + 1] >= end
    if (token < ends.length && starts[token] <= index && ends[token] >= end && isAlone && known(token)) whole++
  }
  return words === 0 ? 0 : whole / words
}

/** Read from what files say, which all models can tell. */
function unknownIdOf({ parts: { model } }: Tokenizer): number | undefined {
  const { unk_id: id, unk_token: token } = model.toJson()
  if (typeof id === 'number') return id
  return typeof token === 'string' ? model.idOf(token) : undefined
}
