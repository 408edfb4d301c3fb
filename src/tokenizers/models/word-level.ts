import type { Model } from '../stages.ts'
import { noUnknown, spellingsById, vocabJson } from './vocabulary.ts'

export interface WordLevelOptions {
  readonly vocab: ReadonlyMap<string, number>
  /** The token of all other words. Default `<unk>`. */
  readonly unknown?: string
}

/**
 * Every word of the vocabulary is a token, and all other words are the unknown token: the tokenizer of the first neural
 * language models (Bengio et al. 2003).
 *
 * @throws ConfigError when two tokens have one id
 * @throws DataError, from encode, for an unknown word when the vocabulary has no unknown token
 *
 * @example
 * const model = wordLevelModel({ vocab: new Map([['<unk>', 0], ['бір', 1]]) })
 * const words = tokenizer({ model })
 * words.encode('бір') // [1]
 * words.encode('екі') // [0]
 */
export function wordLevelModel({ vocab, unknown = '<unk>' }: WordLevelOptions): Model {
  const spellings = spellingsById(vocab, 'wordLevelModel')
  const unknownId = vocab.get(unknown)
  return {
    vocabSize: spellings.length,
    idOf: (token) => vocab.get(token),
    tokenOf: (id) => spellings[id],
    toJson: () => ({ type: 'WordLevel', vocab: vocabJson(spellings), unk_token: unknown }),
    encode(word, out) {
      out.push(vocab.get(word) ?? unknownId ?? noUnknown('wordLevelModel', word, unknown), 0, word.length)
    },
  }
}
