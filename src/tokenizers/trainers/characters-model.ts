import { noUnknown, spellingsById, vocabJson } from '../models/vocabulary.ts'
import type { Model } from '../stages.ts'

export interface CharactersOptions {
  /** Characters (code points) and their ids. */
  readonly vocab: ReadonlyMap<string, number>
  /** The token of all other characters. Default `<unk>`. */
  readonly unknown?: string
}

/**
 * Every character is a token. In files this is BPE over characters that has not learned any merges.
 *
 * @throws ConfigError when two tokens have one id
 * @throws DataError, from encode, for an unknown character when the vocabulary has no unknown token
 *
 * @example
 * const model = charactersModel({ vocab: new Map([['<unk>', 0], ['ә', 1], ['і', 2]]) })
 * tokenizer({ model }).encode('әні') // [1, 0, 2]
 */
export function charactersModel({ vocab, unknown = '<unk>' }: CharactersOptions): Model {
  const spellings = spellingsById(vocab, 'charactersModel')
  const unknownId = vocab.get(unknown)
  return {
    vocabSize: spellings.length,
    idOf: (token) => vocab.get(token),
    tokenOf: (id) => spellings[id],
    toJson: () => ({
      type: 'BPE',
      dropout: null,
      unk_token: unknown,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabJson(spellings),
      merges: [],
    }),
    encode(text, out) {
      let at = 0
      for (const character of text) {
        const id = vocab.get(character) ?? unknownId ?? noUnknown('charactersModel', character, unknown)
        out.push(id, at, (at += character.length))
      }
    },
  }
}
