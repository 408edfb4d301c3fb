import { ConfigError, DataError } from '../../base/index.ts'
import { tokenizer } from '../assemble.ts'
import { fuseDecoder } from '../decoders/fuse.ts'
import { byCodePoint } from '../models/vocabulary.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { eachPart } from '../training/each-part.ts'
import { charactersModel } from './characters-model.ts'

export interface TrainCharactersOptions {
  /** Tokens at most, with the unknown token and the special tokens; the rarest characters are left out. */
  readonly vocabSize?: number
  /** Names of tokens that are no text; they get the last ids. */
  readonly specials?: readonly string[]
  /** The token of characters that are not in the vocabulary; it has id 0. Default `<unk>`. */
  readonly unknown?: string
  /** Characters that occur less often are left out. Default 1. */
  readonly leastCount?: number
  readonly onProgress?: (progress: { readonly stage: 'reading'; readonly done: number }) => void
}

/**
 * A tokenizer whose tokens are the characters (code points) of a text, in their order. Nothing is lost but characters that
 * the text does not have.
 *
 * @param text a text, or its parts as they arrive
 * @throws ConfigError when vocabSize has no room for a character
 * @throws DataError when the text is empty
 *
 * @example
 * const characters = trainCharacters('әліппе')
 * characters.encode('піл') // [3, 4, 2]
 * characters.decode([5, 4, 0]) // 'әі<unk>'
 */
export function trainCharacters(text: string | Iterable<string>, options?: TrainCharactersOptions): Tokenizer
export function trainCharacters(text: AsyncIterable<string>, options?: TrainCharactersOptions): Promise<Tokenizer>
export function trainCharacters(
  text: string | Iterable<string> | AsyncIterable<string>,
  options: TrainCharactersOptions = {},
): Tokenizer | Promise<Tokenizer> {
  const { specials = [], unknown = '<unk>', leastCount = 1 } = options
  const room = (options.vocabSize ?? Infinity) - specials.length - 1
  if (!(room >= 1)) {
    throw new ConfigError(
      `trainCharacters: vocabSize is ${options.vocabSize}, but one character, the unknown token and ${specials.length} special tokens need ${specials.length + 2} at least`,
    )
  }
  const counts = new Map<string, number>()
  let half = ''
  let read = 0
  const push = (part: string) => {
    const whole = half + part
    // A surrogate pair may be cut in two.
    half = (whole.charCodeAt(whole.length - 1) & 0xfc00) === 0xd800 ? whole.slice(-1) : ''
    count(half === '' ? whole : whole.slice(0, -1))
    read += part.length
    options.onProgress?.({ stage: 'reading', done: read })
  }
  function count(part: string): void {
    for (const character of part.toWellFormed()) counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  return eachPart(text, push, () => {
    count(half)
    if (counts.size === 0) throw new DataError('trainCharacters: the text is empty; give at least one character')
    const kept = [...counts]
      .filter(([, times]) => times >= leastCount)
      .sort(([a, m], [b, n]) => n - m || byCodePoint(a, b))
      .slice(0, room)
      .map(([character]) => character)
      .sort(byCodePoint)
    return tokenizer({
      model: charactersModel({ vocab: new Map([unknown, ...kept].map((token, id) => [token, id])), unknown }),
      decoder: fuseDecoder(),
      addedTokens: specials.map((content) => ({ content, special: true })),
    })
  })
}
