import { ConfigError } from '../base/index.ts'
import type { AddedToken } from './added-tokens.ts'
import { type AlignedText, normalizedText, slicedText } from './aligned-text.ts'
import { addedTokenFinder, type FindAddedTokens } from './find-added-tokens.ts'
import type { Normalizer } from './stages.ts'
import type { EncodeOptions } from './tokenizer.ts'

/** A part of a text: an added token, or normalized text for the model. */
export interface Segment {
  readonly text: AlignedText
  readonly token?: AddedToken
}

/** Which special tokens may be found in a text. A function needs a text with origins. */
export type AllowedSpecials = EncodeOptions['allowSpecials']

/**
 * Cuts texts at added tokens: first at those that stand in the text as it came, then, in what is between them, at those
 * that stand in the normalized text. Each part is normalized for itself.
 */
export interface Segmenter {
  segments(text: AlignedText, allowed: AllowedSpecials): Segment[]
  /** Whether no text is cut or changed when no special token is allowed. */
  readonly leavesAll: boolean
}

export function segmenter(
  tokens: readonly AddedToken[],
  normalizer: Normalizer | undefined,
  { normalizedSpelling }: { normalizedSpelling(token: AddedToken): string },
): Segmenter {
  const names = new Set(tokens.flatMap(({ content, special }) => (special ? [content] : [])))
  const finders = new Map<string, readonly [raw: FindAddedTokens, normalized: FindAddedTokens]>()

  function allowedTokens(allowed: true | readonly string[] | undefined): readonly AddedToken[] {
    if (allowed === true || names.size === 0) return tokens
    return tokens.filter(({ special, content }) => !special || allowed?.includes(content))
  }

  function findersOf(allowed: true | readonly string[] | undefined): readonly [FindAddedTokens, FindAddedTokens] {
    for (const name of allowed === true ? [] : (allowed ?? [])) {
      if (!names.has(name)) {
        throw new ConfigError(`encode: allowSpecials names ${name}, which is no special token here`)
      }
    }
    const key = JSON.stringify(allowed ?? [])
    let known = finders.get(key)
    if (known === undefined) {
      const found = allowedTokens(allowed)
      known = [
        addedTokenFinder(found.filter(({ normalized }) => !normalized).map((token) => [token.content, token])),
        addedTokenFinder(
          found.filter(({ normalized }) => normalized).map((token) => [normalizedSpelling(token), token]),
        ),
      ]
      if (finders.size > 15) finders.clear()
      finders.set(key, known)
    }
    return known
  }

  return {
    segments(text, allowed) {
      const isAllowed = typeof allowed === 'function' ? allowed : undefined
      const [raw, normalized] = findersOf(typeof allowed === 'function' ? true : allowed)
      return cut(text, raw, isAllowed).flatMap((segment) => {
        if (segment.token !== undefined) return [segment]
        return cut(normalizer ? normalizedText(segment.text, normalizer) : segment.text, normalized, isAllowed)
      })
    },
    leavesAll: normalizer === undefined && allowedTokens(undefined).length === 0,
  }
}

/** Parts that are not empty. */
function cut(
  text: AlignedText,
  find: FindAddedTokens,
  isAllowed: ((name: string, start: number) => boolean) | undefined,
): Segment[] {
  const accepts =
    isAllowed &&
    (({ special, content }: AddedToken, start: number) => !special || isAllowed(content, text.origins!.starts[start]))
  return find(text.text, accepts).flatMap(({ start, end, token }) =>
    start < end ? [{ text: start === 0 && end === text.text.length ? text : slicedText(text, start, end), token }] : [],
  )
}
