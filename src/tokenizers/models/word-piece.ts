import type { Model } from '../stages.ts'
import { pieceTrie } from './piece-trie.ts'
import { noUnknown, spellingsById, vocabJson } from './vocabulary.ts'

export interface WordPieceOptions {
  /** Tokens and their ids; those that stand inside a word begin with the prefix. */
  readonly vocab: ReadonlyMap<string, number>
  /** The token of words that cannot be spelled. Default `[UNK]`. */
  readonly unknown?: string
  /** What tokens inside a word begin with in the vocabulary. Default `##`. */
  readonly continuingPrefix?: string
  /** Words of more characters are unknown. Default 100. */
  readonly maxCharacters?: number
}

/** A part of a string that is longer than this can keep the whole string in memory. */
const longestKept = 12
const mostKept = 1 << 15

/**
 * WordPiece: a word becomes the longest token that it begins with, then the longest that the rest begins with, and so on;
 * a word that leaves a rest without token becomes the unknown token as a whole.
 *
 * @throws ConfigError when two tokens have one id
 * @throws DataError, from encode, for an unknown word when the vocabulary has no unknown token
 * Cost: O(code units of the word · those of the longest token) at most, usually O(code units of the word).
 * Source: Schuster & Nakajima 2012, "Japanese and Korean voice search"; longest match: Devlin et al. 2019 (BERT).
 *
 * @example
 * const model = wordPieceModel({ vocab: new Map([['[UNK]', 0], ['кітап', 1], ['##тар', 2]]) })
 * const words = tokenizer({ model })
 * words.encode('кітаптар') // [1, 2]
 * words.encode('book') // [0]
 */
export function wordPieceModel(options: WordPieceOptions): Model {
  const { vocab, unknown = '[UNK]', continuingPrefix = '##', maxCharacters = 100 } = options
  const spellings = spellingsById(vocab, 'wordPieceModel')
  // Longer tokens fit no word that is known.
  const longestToken = continuingPrefix.length + 2 * maxCharacters
  const short = [...vocab].filter(([token]) => token !== '' && token.length <= longestToken)
  const { classes, children, parents, ids } = pieceTrie(new Map(short))
  /** The node after a code unit, or 0. */
  function next(node: number, unit: number): number {
    const child = children[node] + classes[unit]
    return parents[child] === node ? child : 0
  }
  let inside = 1
  for (let i = 0; i < continuingPrefix.length && inside > 0; i++) inside = next(inside, continuingPrefix.charCodeAt(i))
  const unknownId = vocab.get(unknown)

  /** Id and end of each token of a word, one after the other. */
  function spelled(word: string): number[] {
    const tokens: number[] = []
    const asUnknown = () => [unknownId ?? noUnknown('wordPieceModel', word, unknown), word.length]
    if (hasMoreCharacters(word, maxCharacters)) return asUnknown()
    for (let at = 0; at < word.length; at = tokens[tokens.length - 1]) {
      let node = at === 0 ? 1 : inside
      let longest = -1
      let end = at
      for (let i = at; node > 0 && i < word.length; i++) {
        node = next(node, word.charCodeAt(i))
        const id = ids[node]
        if (id < 0) continue
        longest = id
        end = i + 1
      }
      if (longest < 0) return asUnknown()
      tokens.push(longest, end)
    }
    return tokens
  }

  const known = new Map<string, number[]>()
  function remembered(word: string): number[] {
    if (word.length > longestKept) return spelled(word)
    const before = known.get(word)
    if (before !== undefined) return before
    const tokens = spelled(word)
    if (known.size === mostKept) known.clear()
    known.set(word, tokens)
    return tokens
  }

  return {
    vocabSize: spellings.length,
    idOf: (token) => vocab.get(token),
    tokenOf: (id) => spellings[id],
    toJson: () => ({
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: continuingPrefix,
      max_input_chars_per_word: maxCharacters,
      vocab: vocabJson(spellings),
    }),
    encode(word, out) {
      const tokens = remembered(word)
      for (let i = 0; i < tokens.length; i += 2) out.push(tokens[i], i === 0 ? 0 : tokens[i - 1], tokens[i + 1])
    },
  }
}

/** Whether a text has more than `most` code points. Looks at no more of it than it must. */
function hasMoreCharacters(text: string, most: number): boolean {
  if (text.length <= most) return false
  if (text.length > 2 * most) return true
  let pairs = 0
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) pairs++
  return text.length - pairs > most
}
