import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../base/index.ts'
import type { AddedTokenOptions } from './added-tokens.ts'
import { tokenizer } from './assemble.ts'
import { byteLevelDecoder } from './decoders/byte-level.ts'
import { wordPieceDecoder } from './decoders/word-piece.ts'
import { byteTokenizer } from './index.ts'
import { bpe } from './models/bpe/bpe.ts'
import { wordLevelModel } from './models/word-level.ts'
import { wordPieceModel } from './models/word-piece.ts'
import { bertProcessor } from './post-processors/bert.ts'
import { trainBpe } from './training/bpe-train.ts'

const { model, preTokenizer } = bpe({
  merges: [
    [71, 72],
    [220, 256],
  ],
}).parts
const decoder = byteLevelDecoder()
const end = { content: '<|end|>', special: true }
const fast = tokenizer({ model, preTokenizer, decoder, addedTokens: [end, { content: 'tool' }] })
/** The same without the way past strings. */
const slow = tokenizer({ ...fast.parts, preTokenizer: { ...preTokenizer!, scanner: undefined } })
const plain = tokenizer({ model, preTokenizer, decoder, addedTokens: [end] })

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('hi', ' hi', 'tool', '<|end|>', 'ә', '😀', ' ', '\ud800', '\udc00') }),
)

describe('a tokenizer of parts', () => {
  it('gives the same ids past strings, over strings and with offsets', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(undefined, true as const), (whole, allowSpecials) => {
        const ids = [...fast.encode(whole, { allowSpecials })]
        expect([...slow.encode(whole, { allowSpecials })]).toEqual(ids)
        expect([...fast.encoding(whole, { allowSpecials }).ids]).toEqual(ids)
      }),
    )
  })

  it('decodes what it encoded, at once and one by one', () => {
    fc.assert(
      fc.property(text, fc.boolean(), (whole, allowed) => {
        const ids = fast.encode(whole, { allowSpecials: allowed ? true : undefined })
        expect(fast.decode(ids)).toBe(whole.toWellFormed())
        const stream = fast.stream()
        expect(Array.from(ids, (id) => stream.push(id)).join('') + stream.end()).toBe(whole.toWellFormed())
      }),
    )
  })

  it('encodes parts of a text as the whole', () => {
    fc.assert(
      fc.property(fc.array(text), fc.constantFrom(plain, fast, slow), (parts, each) => {
        const encoder = each.encoder()
        const ids = [...parts.flatMap((part) => [...encoder.push(part)]), ...encoder.end()]
        expect(ids).toEqual([...each.encode(parts.join(''))])
      }),
    )
  })

  it('encodes any bytes where it is over bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const ids = plain.encodeBytes(bytes)
        expect(Array.from(ids).flatMap((id) => [...plain.bytesOf(id)])).toEqual([...bytes])
      }),
    )
    expect([...fast.encodeBytes(new TextEncoder().encode('tool hi'))]).toEqual([...fast.encode('tool hi')])
    expect(() => fast.encodeBytes(Uint8Array.of(0xff))).toThrow(DataError)
  })

  it('counts places in the unit that is asked for', () => {
    const whole = 'ә😀hi<|end|>'
    const places = (offsets: 'codePoints' | 'codeUnits' | 'bytes') => {
      const { starts, ends } = plain.encoding(whole, { offsets, allowSpecials: true })
      return [starts.at(-2), ends.at(-2), starts.at(-1), ends.at(-1)]
    }
    expect(places('codePoints')).toEqual([2, 4, 4, 11])
    expect(places('codeUnits')).toEqual([3, 5, 5, 12])
    expect(places('bytes')).toEqual([6, 8, 8, 15])
    // All bytes of a character stand for it.
    const { starts, ends } = plain.encoding('ә😀')
    expect([...starts]).toEqual([0, 0, 1, 1, 1, 1])
    expect([...ends]).toEqual([1, 1, 3, 3, 3, 3])
  })
})

describe('special tokens in a text', () => {
  const two = byteTokenizer({ specials: ['<|a|>', '<|a|><|b|>', '<|b|>'] })

  it('are data unless they are allowed', () => {
    expect(two.encode('<|a|>').length).toBe(5)
    expect([...two.encode('<|a|><|b|>', { allowSpecials: true })]).toEqual([257])
    expect([...two.encode('<|a|><|b|>', { allowSpecials: ['<|b|>'] }).slice(-2)]).toEqual([62, 258])
    expect(() => two.encode('', { allowSpecials: ['<|c|>'] })).toThrow(ConfigError)
  })

  it('can be refused', () => {
    expect(() => two.encode('x<|b|>', { specialText: 'refuse' })).toThrow(DataError)
    expect(() => two.encode('x<|b|>', { specialText: 'refuse' })).toThrow(/<\|b\|> .* at 1/)
    expect(() => two.encoding('x', { specialText: 'refuse', pair: '<|a|>' })).toThrow(/at 0/)
    expect(two.encode('x<|b|>', { specialText: 'refuse', allowSpecials: ['<|b|>'] }).length).toBe(2)
  })

  it('can be left out of what is decoded', () => {
    expect(two.decode([65, 256, 66], { skipSpecials: true })).toBe('AB')
    const stream = two.stream({ skipSpecials: true })
    expect([65, 256, 66].map((id) => stream.push(id))).toEqual(['A', '', 'B'])
  })
})

describe('the vocabulary of a tokenizer', () => {
  const words = wordLevelModel({ vocab: new Map(['<unk>', 'a', '__proto__'].map((token, id) => [token, id])) })

  it('has the ids of added tokens: their own, the next, or what is said', () => {
    const made = tokenizer({ model: words, addedTokens: [{ content: 'a' }, { content: 'b', id: 9 }, { content: 'c' }] })
    expect(['a', 'b', 'c', '__proto__', 'd'].map(made.idOf)).toEqual([1, 9, 10, 2, undefined])
    expect([1, 9, 10, 3].map(made.tokenOf)).toEqual(['a', 'b', 'c', undefined])
    expect(made.vocabSize).toBe(11)
    expect([...made.encode('__proto__')]).toEqual([2])
  })

  it.each<[string, AddedTokenOptions[], RegExp]>([
    ['an empty content', [{ content: '' }], /empty/],
    ['a content that comes twice', [{ content: 'b' }, { content: 'b' }], /twice/],
    ['an id that the vocabulary contradicts', [{ content: 'a', id: 7 }], /id 7 here, but 1/],
    ['an id of the vocabulary', [{ content: 'b', id: 1 }], /taken by "a"/],
    ['an id of another', [{ content: 'b' }, { content: 'c', id: 3 }], /taken by "b"/],
  ])('refuses %s', (_, addedTokens, message) => {
    expect(() => tokenizer({ model: words, addedTokens })).toThrow(ConfigError)
    expect(() => tokenizer({ model: words, addedTokens })).toThrow(message)
  })

  it('gives the bytes that tokens stand for inside a text', () => {
    const vocab = new Map(['[UNK]', 'a', '##b'].map((token, id) => [token, id]))
    const pieces = tokenizer({ model: wordPieceModel({ vocab }), decoder: wordPieceDecoder() })
    expect([1, 2].map((id) => new TextDecoder().decode(pieces.bytesOf(id)))).toEqual([' a', 'b'])
    expect(() => pieces.bytesOf(3)).toThrow(DataError)
    expect(() => pieces.decode([3])).toThrow(/no token 3; ids are 0 to 2/)
  })
})

describe('encodings', () => {
  const made = tokenizer({
    ...byteTokenizer().parts,
    postProcessor: bertProcessor({ sep: ['S', 83], cls: ['C', 67] }),
    truncation: { maxLength: 5 },
    padding: { id: 0, token: 'Ā' },
  })

  it('are processed, cut and filled up together', () => {
    const all = made.encodings(['abcdef', ['g', 'h']], { addSpecials: true })
    expect(all.map(({ ids }) => new TextDecoder().decode(Uint8Array.from(ids)))).toEqual(['CabcS', 'CgShS'])
    expect([...all[1].sequences]).toEqual([-1, 0, -1, 1, -1])
    expect(all[0].overflow.map(({ ids }) => [...ids].length)).toEqual([5])
    const short = made.encodings(['a', 'abc'])
    expect([...short[0].attentionMask]).toEqual([1, 0, 0])
  })

  it('do not change what encode gives', () => {
    expect(made.encode('abcdef').length).toBe(6)
    expect(made.encode('abcdef', { addSpecials: true }).length).toBe(8)
    expect(made.encoding('abcdef', { truncation: false }).ids.length).toBe(6)
    expect(made.encodings(['a', 'abc'], { padding: false }).map(({ ids }) => ids.length)).toEqual([1, 3])
  })
})

describe('encodeBytes', () => {
  const trained = trainBpe('the quick brown fox, әліппе мен қозы 😀 '.repeat(20), { vocabSize: 300 })

  it('gives what encode gives, of one text after another, short and long', () => {
    const texts = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('fox әліппе '.repeat(120_000))), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(texts, (list) => {
        for (const text of list) {
          const bytes = new TextEncoder().encode(text)
          expect(trained.encodeBytes(bytes)).toEqual(trained.encode(text))
        }
      }),
      { numRuns: 20 },
    )
  })
})
