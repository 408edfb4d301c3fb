import { ConfigError, DataError } from '../../base/index.ts'
import type { Json } from '../stages.ts'

/** Holes in the ids cost memory, so a hostile file must not make many. */
export const highestId = (1 << 22) - 1

/**
 * The tokens of a vocabulary by id; ids may have holes.
 *
 * @param what names the vocabulary in messages
 * @throws ConfigError for an id that is no id or is taken twice, and for a token with half a surrogate pair
 */
export function spellingsById(vocab: ReadonlyMap<string, number>, what: string): (string | undefined)[] {
  const spellings: (string | undefined)[] = []
  for (const [token, id] of vocab) {
    const shown = JSON.stringify(token.slice(0, 40))
    if (!Number.isInteger(id) || id < 0 || id > highestId) {
      throw new ConfigError(`${what}: the id of ${shown} is ${id}; expected an integer from 0 to ${highestId}`)
    }
    if (spellings[id] !== undefined) {
      throw new ConfigError(`${what}: id ${id} of ${shown} is taken by ${JSON.stringify(spellings[id].slice(0, 40))}`)
    }
    if (!token.isWellFormed()) throw new ConfigError(`${what}: ${shown} with id ${id} has half a surrogate pair`)
    spellings[id] = token
  }
  return spellings
}

/** The entry `vocab` of a model in a tokenizer.json. */
export function vocabJson(spellings: readonly (string | undefined)[]): Json {
  return Object.fromEntries(spellings.flatMap((token, id) => (token === undefined ? [] : [[token, id]])))
}

/** Refuses a word that has no token, in a model that has none for such words. */
export function noUnknown(what: string, word: string, unknown: string): never {
  throw new DataError(
    `${what}: no token for ${JSON.stringify(word.slice(0, 40))}, and the unknown token ${JSON.stringify(unknown)} is not in the vocabulary`,
  )
}

/** Orders characters. */
export function byCodePoint(a: string, b: string): number {
  return a.codePointAt(0)! - b.codePointAt(0)!
}
