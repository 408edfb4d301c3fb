import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AddedToken } from './added-tokens.ts'
import { addedTokenFinder } from './find-added-tokens.ts'

const tokenOf = (content: string, flags: Partial<AddedToken> = {}): AddedToken => ({
  content,
  id: 0,
  special: false,
  normalized: false,
  lstrip: false,
  rstrip: false,
  singleWord: false,
  ...flags,
})

/** The parts of a text, those that are tokens in brackets. */
function parts(text: string, ...tokens: AddedToken[]): string[] {
  const find = addedTokenFinder(tokens.map((token) => [token.content, token]))
  return find(text).map(({ start, end, token }) => (token ? `[${text.slice(start, end)}]` : text.slice(start, end)))
}

describe('added tokens in a text', () => {
  it('are found leftmost first, of several at a place the longest', () => {
    expect(parts('xabcd', tokenOf('ab'), tokenOf('abc'), tokenOf('bcd'))).toEqual(['x', '[abc]', 'd'])
    expect(parts('a.b', tokenOf('a.b'), tokenOf('.'))).toEqual(['[a.b]'])
    expect(parts('', tokenOf('a'))).toEqual([])
  })

  it('take white space on the sides that they strip', () => {
    const both = tokenOf('<m>', { lstrip: true, rstrip: true })
    expect(parts('a \u3000<m>\n\u0085b', both)).toEqual(['a', '[ \u3000<m>\n\u0085]', 'b'])
    // U+FEFF is white space to JavaScript alone.
    expect(parts('a\ufeff<m>', both)).toEqual(['a\ufeff', '[<m>]'])
    expect(parts('<m> <m>', both)).toEqual(['[<m> ]', '[<m>]'])
  })

  it('can be bound to be whole words', () => {
    const word = tokenOf('сөз', { singleWord: true })
    expect(parts('сөз, сөздік сөз_ 𐐷сөз сөз', word)).toEqual(['[сөз]', ', сөздік сөз_ 𐐷сөз ', '[сөз]'])
  })

  // Reference: so does Hugging Face.
  it('are searched behind the token before, not behind what it stripped', () => {
    expect(parts('a>  b', tokenOf('>', { rstrip: true }), tokenOf(' '))).toEqual(['a', '[>  ]', '[ ]', '[ ]', 'b'])
  })

  it('and what is between them make up the text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '😀', 'ә'), maxLength: 30 })
    const flags = fc.record({ lstrip: fc.boolean(), singleWord: fc.boolean() })
    const tokens = fc.array(fc.tuple(fc.constantFrom('a', 'ab', 'ba', '😀', 'әa', 'bb'), flags))
    fc.assert(
      fc.property(text, tokens, (whole, list) => {
        const found = parts(whole, ...list.map(([content, each]) => tokenOf(content, each)))
        expect(found.map((part) => part.replace(/^\[(.*)\]$/s, '$1')).join('')).toBe(whole)
      }),
    )
  })
})
