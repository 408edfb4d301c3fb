import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenList } from '../../token-list.ts'
import { bpeModel } from './bpe-model.ts'
import type { BpeModelOptions } from './bpe-options.ts'

function vocabOf(tokens: readonly string[]): Map<string, number> {
  return new Map(tokens.map((token, id) => [token, id]))
}

function encoded(options: BpeModelOptions, piece: string): { ids: number[]; spans: number[] } {
  const model = bpeModel(options)
  const tracked = new TokenList({ tracked: true })
  model.encode(piece, tracked)
  const spans = [...tracked.spans!]
  const ids = [...tracked.take()]
  // Twice, so that what was remembered is asked too.
  for (let time = 0; time < 2; time++) {
    const plain = new TokenList({ tracked: false })
    model.encode(piece, plain)
    expect([...plain.take()]).toEqual(ids)
  }
  return { ids, spans }
}

const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`)

/** Ids and spans of Hugging Face tokenizers 0.23.2. */
describe('bpeModel over characters', () => {
  const vocab = vocabOf(['ә', 'л', 'і', 'лі', 'әлі', '<unk>', 'жоқ'])
  const merges = [
    ['л', 'і'],
    ['ә', 'лі'],
  ] as const

  it('merges, and leaves out what it does not know unless there is an unknown token', () => {
    expect(encoded({ vocab, merges }, 'әліл')).toEqual({ ids: [4, 1], spans: [0, 3, 3, 4] })
    expect(encoded({ vocab, merges }, 'лqі').ids).toEqual([3])
    expect(encoded({ vocab, merges, unkToken: '<unk>' }, 'лqqі')).toEqual({
      ids: [1, 5, 5, 2],
      spans: [0, 1, 1, 2, 2, 3, 3, 4],
    })
    expect(encoded({ vocab, merges, unkToken: '<unk>', fuseUnk: true }, 'л😀qі')).toEqual({
      ids: [1, 5, 2],
      spans: [0, 1, 1, 4, 4, 5],
    })
    expect(() => encoded({ vocab, merges, unkToken: '[UNK]' }, 'q')).toThrow(/\[UNK\] is not in the vocabulary/)
  })

  it('takes bytes for unknown characters, whose range is the whole character', () => {
    const withBytes = vocabOf(['a', ...bytes])
    expect(encoded({ vocab: withBytes, merges: [], byteFallback: true }, 'aә😀')).toEqual({
      ids: [0, 0xd3 + 1, 0x99 + 1, 0xf0 + 1, 0x9f + 1, 0x98 + 1, 0x80 + 1],
      spans: [0, 1, 1, 2, 1, 2, 2, 4, 2, 4, 2, 4, 2, 4],
    })
  })

  it('knows a prefix of inner characters and a suffix of the last', () => {
    const inner = vocabOf(['a', '##b', '##c', 'a##b', 'ab', '##bc', 'abc'])
    const options = {
      continuingSubwordPrefix: '##',
      merges: [
        ['##b', '##c'],
        ['a', '##bc'],
      ] as const,
    }
    expect(encoded({ ...options, vocab: inner }, 'abc').ids).toEqual([6])
    const last = vocabOf(['a', 'b', 'b</w>', 'ab</w>'])
    expect(encoded({ vocab: last, endOfWordSuffix: '</w>', merges: [['a', 'b</w>']] }, 'aab').ids).toEqual([0, 3])
  })

  it('takes a whole token before merging if merges are to be ignored', () => {
    expect(encoded({ vocab, merges, ignoreMerges: true, unkToken: '<unk>' }, 'жоқ')).toEqual({
      ids: [6],
      spans: [0, 3],
    })
    expect(encoded({ vocab, merges, unkToken: '<unk>' }, 'жоқ').ids).toEqual([5, 5, 5])
  })

  it('gives the same whether or not a text is cut before spaces', () => {
    const letters = ['a', 'b', '▁', 'с', '<unk>']
    const pair = fc.tuple(fc.nat(8), fc.nat(8))
    fc.assert(
      fc.property(
        fc.array(pair, { maxLength: 12 }),
        fc.array(fc.constantFrom('a', 'b', '▁', 'с', 'z')),
        (pairs, text) => {
          const tokens = [...letters]
          const merges = pairs.flatMap(([l, r]): [string, string][] => {
            const [left, right] = [tokens[l], tokens[r]]
            if (left === undefined || right === undefined || (left + right).includes('<')) return []
            if (!tokens.includes(left + right)) tokens.push(left + right)
            return [[left, right]]
          })
          const options = { vocab: vocabOf(tokens), merges, unkToken: '<unk>' }
          // A model that adds a suffix nobody has is not cut.
          const uncut = bpeModel({ ...options, unkToken: undefined })
          const kept = text.filter((letter) => letter !== 'z')
          const out = new TokenList({ tracked: false })
          uncut.encode(kept.join(''), out)
          expect(encoded(options, kept.join('')).ids).toEqual([...out.take()])
          encoded(options, text.join(''))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is spelled as in tokenizer.json', () => {
    const model = bpeModel({
      vocab,
      merges: [merges[1], ...merges],
      fuseUnk: true,
      unkToken: '<unk>',
      byteFallback: true,
    })
    expect(model.toJson()).toMatchObject({
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(vocab),
      // A pair that comes twice has its last place.
      merges,
    })
    expect(model.idOf('әлі')).toBe(4)
    expect(model.idOf('zz')).toBeUndefined()
    expect(model.tokenOf(4)).toBe('әлі')
  })

  it('says what is wrong with a vocabulary', () => {
    const wrong = (merges: [string, string][], tokens: [string, number][]) => () =>
      bpeModel({ vocab: new Map(tokens), merges })
    expect(wrong([], [['a', -1]])).toThrow(/vocab\["a"\]: no id from 0/)
    expect(
      wrong(
        [],
        [
          ['a', 1],
          ['b', 1],
        ],
      ),
    ).toThrow(/vocab\["b"\]: id 1 is taken/)
    expect(wrong([['a', 'b']], [['a', 0]])).toThrow(/merges\[0\]: "b" is not in the vocabulary/)
    expect(wrong([['a', 'a']], [['a', 0]])).toThrow(/merges\[0\]: "aa" is not in the vocabulary/)
    expect(
      wrong(
        [['a', '']],
        [
          ['a', 0],
          ['', 1],
        ],
      ),
    ).toThrow(/merges\[0\] makes "a" of itself/)
    expect(() => bpeModel({ vocab, merges: [], byteLevel: true })).toThrow(/no token stands for byte|bpe: /)
    expect(() => bpeModel({ vocab, merges: [], dropout: 1.5 })).toThrow(/dropout is 1.5/)
  })
})

describe('dropout', () => {
  const vocab = vocabOf(['a', 'b', 'ab', 'abab'])
  const merges = [
    ['a', 'b'],
    ['ab', 'ab'],
  ] as const
  const text = 'abab'.repeat(50)
  const ids = (dropout: number, seed?: number) => encoded1({ vocab, merges, dropout, seed }, text)

  function encoded1(options: BpeModelOptions, piece: string): number[] {
    const out = new TokenList({ tracked: true })
    bpeModel(options).encode(piece, out)
    expect(out.spans!.at(-1)).toBe(piece.length)
    return [...out.take()]
  }

  it('leaves out merges, more the higher it is, and repeats itself for a seed', () => {
    expect(ids(0)).toHaveLength(50)
    expect(ids(1)).toHaveLength(200)
    const half = ids(0.5, 7)
    expect(half.length).toBeGreaterThan(50)
    expect(half.length).toBeLessThan(200)
    expect(ids(0.5, 7)).toEqual(half)
    expect(ids(0.5, 8)).not.toEqual(half)
  })

  it('is another one each time', () => {
    const model = bpeModel({ vocab, merges, dropout: 0.5 })
    const [first, second] = [0, 1].map(() => {
      const out = new TokenList({ tracked: false })
      model.encode(text, out)
      return [...out.take()]
    })
    expect(first).not.toEqual(second)
  })
})
