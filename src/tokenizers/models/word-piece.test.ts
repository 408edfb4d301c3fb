import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Model } from '../stages.ts'
import { TokenList } from '../token-list.ts'
import { wordPieceModel } from './word-piece.ts'

function encoded(model: Model, word: string): [id: number, start: number, end: number][] {
  const out = new TokenList({ tracked: true })
  model.encode(word, out)
  const spans = [...out.spans!]
  return [...out.take()].map((id, i) => [id, spans[2 * i], spans[2 * i + 1]])
}

const numbered = (tokens: readonly string[]) => new Map(tokens.map((token, id) => [token, id]))

/** Longest match as it is defined: every substring, the longest first. */
function slowly(vocab: ReadonlyMap<string, number>, prefix: string, most: number, word: string) {
  const unknown = [[vocab.get('[UNK]'), 0, word.length]]
  if ([...word].length > most) return unknown
  const tokens = []
  for (let start = 0; start < word.length; ) {
    let end = word.length
    const token = () => (start > 0 ? prefix : '') + word.slice(start, end)
    while (end > start && !vocab.has(token())) end--
    if (end === start) return unknown
    tokens.push([vocab.get(token()), start, end])
    start = end
  }
  return tokens
}

describe('wordPieceModel', () => {
  it('takes the longest token each time, and the unknown token for a word that leaves a rest', () => {
    const model = wordPieceModel({ vocab: numbered(['[UNK]', 'un', 'unaff', '##aff', '##able', '##a', '##ab']) })
    expect(encoded(model, 'unaffable')).toEqual([
      [2, 0, 5],
      [4, 5, 9],
    ])
    expect(encoded(model, 'affable')).toEqual([[0, 0, 7]])
    // The longest match is taken though it leads nowhere: ##ab, then nothing for "l".
    expect(encoded(model, 'unabl')).toEqual([[0, 0, 5]])
    expect(encoded(model, '##aff')).toEqual([[3, 0, 5]])
  })

  it('agrees with the definition', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ә', '#', '😀'), minLength: 1, maxLength: 4 })
    const prefix = fc.constantFrom('##', '#', '', '@@')
    fc.assert(
      fc.property(
        prefix,
        fc.array(text),
        fc.array(text),
        fc.array(text),
        fc.integer({ min: 1, max: 9 }),
        (...given) => {
          const [continuingPrefix, starts, rests, words, maxCharacters] = given
          const tokens = new Set(['[UNK]', ...starts, ...rests.map((rest) => continuingPrefix + rest)])
          const vocab = numbered([...tokens])
          const model = wordPieceModel({ vocab, continuingPrefix, maxCharacters })
          for (const word of [...words, ...starts.map((start, i) => start + (rests[i] ?? 'a'))]) {
            expect(encoded(model, word)).toEqual(slowly(vocab, continuingPrefix, maxCharacters, word))
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('knows no words of more than 100 characters, and says so of a long one at once', () => {
    const model = wordPieceModel({ vocab: numbered(['[UNK]', 'ж', '##ж', '😀', '##😀']) })
    expect(encoded(model, 'ж'.repeat(100))).toHaveLength(100)
    expect(encoded(model, 'ж'.repeat(101))).toEqual([[0, 0, 101]])
    expect(encoded(model, '😀'.repeat(100))).toHaveLength(100)
    expect(encoded(model, '😀'.repeat(101))).toEqual([[0, 0, 202]])
    const long = 'ж'.repeat(1 << 20)
    const before = performance.now()
    for (let i = 0; i < 100; i++) expect(encoded(model, long)).toEqual([[0, 0, 1 << 20]])
    expect(performance.now() - before).toBeLessThan(100)
  })

  it('refuses ids that are taken, or no ids, and words for which there is no token', () => {
    const vocab = new Map([['a', 0]])
    expect(() => encoded(wordPieceModel({ vocab }), 'b')).toThrow(/no token for "b".*"\[UNK\]" is not in/)
    expect(encoded(wordPieceModel({ vocab }), 'a')).toEqual([[0, 0, 1]])
    expect(() => wordPieceModel({ vocab: new Map([...vocab, ['b', 0]]) })).toThrow('id 0 of "b" is taken by "a"')
    expect(() => wordPieceModel({ vocab: new Map([['b', -1]]) })).toThrow('the id of "b" is -1')
    expect(() => wordPieceModel({ vocab: new Map([['\ud83d', 0]]) })).toThrow('half a surrogate pair')
  })

  it('is written as tokenizer.json spells it', () => {
    expect(wordPieceModel({ vocab: numbered(['[UNK]', '__proto__']) }).toJson()).toEqual({
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries([
        ['[UNK]', 0],
        ['__proto__', 1],
      ]),
    })
  })
})
