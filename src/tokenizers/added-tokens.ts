import { ConfigError } from '../base/index.ts'
import type { Model } from './stages.ts'

/** A token beside the model's own, found in text before the model sees it. Names and meaning as in Hugging Face. */
export interface AddedToken {
  readonly content: string
  readonly id: number
  /** No text: left out by `skipSpecials`, and found in text only where it is allowed. */
  readonly special: boolean
  /** Found in the normalized text, as its own content is normalized; otherwise in the text as it came. */
  readonly normalized: boolean
  /** Takes the white space before it too. */
  readonly lstrip: boolean
  /** Takes the white space behind it too. */
  readonly rstrip: boolean
  /** Found only where no word character stands before or behind. */
  readonly singleWord: boolean
}

/** What has to be said of an added token; flags are false where nothing is said, `normalized` is the opposite of special. */
export type AddedTokenOptions = Pick<AddedToken, 'content'> & Partial<AddedToken>

/**
 * Added tokens with all their flags, and ids: the one that is given, or the model's own for this spelling, or the next
 * that is free.
 *
 * @throws ConfigError for an empty or repeated content, or an id that is another token's
 */
export function addedTokensWithIds(list: readonly AddedTokenOptions[], model: Model): AddedToken[] {
  const contents = new Set<string>()
  const ids = new Map<number, string>()
  let next = model.vocabSize
  return list.map((token) => {
    const { content } = token
    const name = JSON.stringify(content)
    if (content === '') throw new ConfigError('added tokens: a content is empty')
    if (contents.has(content)) throw new ConfigError(`added tokens: ${name} comes twice`)
    const own = model.idOf(content)
    const id = token.id ?? own ?? next
    next = Math.max(next, id + 1)
    if (own !== undefined && own !== id) {
      throw new ConfigError(`added tokens: ${name} has id ${id} here, but ${own} in the vocabulary`)
    }
    const other = ids.get(id) ?? (own === undefined ? model.tokenOf(id) : undefined)
    if (other !== undefined) {
      throw new ConfigError(`added tokens: id ${id} of ${name} is taken by ${JSON.stringify(other)}`)
    }
    contents.add(content)
    ids.set(id, content)
    const { special = false, normalized = !special, lstrip = false, rstrip = false, singleWord = false } = token
    return { content, id, special, normalized, lstrip, rstrip, singleWord }
  })
}
