import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../../base/index.ts'
import { trainBpe } from '../../training/bpe-train.ts'
import { bpe } from './bpe.ts'
import { mergePiece } from './merge.ts'
import { mergeLong } from './merge-long.ts'
import { mergeWithDropout } from './merge-with-dropout.ts'
import { PairRanks } from './pair-ranks.ts'

const tokenizer = trainBpe("the cat sat on the mat; it's the cat's mat. 😀😀 әліппе ".repeat(3), {
  vocabSize: 320,
  specials: ['<|end|>', '<|end|>x'],
})
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary-ascii' }),
)

describe('a byte-level BPE tokenizer', () => {
  it('gives text back, whatever it is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.toWellFormed())
      }),
    )
    expect(tokenizer.decode(tokenizer.encode('\ufeffa\ufeff'))).toBe('\ufeffa\ufeff')
    expect(tokenizer.decode(tokenizer.encode('a\ud800b\udc00'))).toBe('a\ufffdb\ufffd')
    expect(tokenizer.encode('')).toHaveLength(0)
  })

  it('really merges', () => {
    expect(tokenizer.encode(' the cat').length).toBe(2)
  })

  it('decodes a stream of ids to the same text, never half a character', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(tokenizer.vocabSize - 1)), (ids) => {
        const stream = tokenizer.stream()
        const text = ids.map((id) => stream.push(id)).join('') + stream.end()
        expect(text).toBe(tokenizer.decode(ids))
      }),
    )
    const stream = bpe({ merges: [] }).stream()
    const bytes = [...bpe({ merges: [] }).encode('ә😀')]
    expect(bytes.map((id) => stream.push(id))).toEqual(['', 'ә', '', '', '', '😀'])
  })

  it('encodes parts to the ids of the whole', () => {
    fc.assert(
      fc.property(fc.array(anyText), (parts) => {
        const encoder = tokenizer.encoder()
        const ids = [...parts.map((part) => [...encoder.push(part)]), [...encoder.end()]].flat()
        expect(ids).toEqual([...tokenizer.encode(parts.join(''))])
      }),
    )
  })

  it('takes special tokens in text as text unless they are allowed, the longest first', () => {
    const end = tokenizer.specials.get('<|end|>')!
    const endX = tokenizer.specials.get('<|end|>x')!
    expect([...tokenizer.encode('a<|end|>')]).not.toContain(end)
    expect([...tokenizer.encode('a<|end|>xa', { allowSpecials: true })]).toEqual([64, endX, 64])
    expect([...tokenizer.encode('a<|end|>xa', { allowSpecials: ['<|end|>'] })]).toEqual([64, end, 87, 64])
    expect(() => tokenizer.encode('a', { allowSpecials: ['<s>'] })).toThrow(/<s>/)
    expect(tokenizer.decode([64, end])).toBe('a<|end|>')
  })

  it('says which id or merge is wrong', () => {
    expect(() => tokenizer.decode([5000])).toThrow(/no token 5000; ids are 0 to 288/)
    expect(() => bpe({ merges: [[1, 256]] })).toThrow(/merge 0 joins ids 1 and 256, but only 0 to 255/)
    expect(() => bpe({ merges: [], specials: ['a', 'a'] })).toThrow(/twice/)
    expect(() => bpe({ merges: [], specials: [''] })).toThrow(/empty name/)
    expect(() => bpe({ merges: [[71, 72]], specials: ['hi'] })).toThrow(/hi is an ordinary token too/)
  })

  it('stays right when the cache of pieces is emptied', () => {
    const many = Array.from({ length: 140_000 }, (_, i) => ` w${i.toString(26)}`).join('')
    const small = bpe({ merges: tokenizer.merges })
    const ids = small.encode(many + many)
    expect(small.decode(ids)).toBe(many + many)
    expect([...ids.subarray(ids.length / 2)]).toEqual([...ids.subarray(0, ids.length / 2)])
  })
})

describe('merging', () => {
  /** The definition: the lowest rank, the leftmost of equals, once. Counts the tokens that each is made of. */
  function slow(ids: number[], merges: number[][]): { ids: number[]; spans: number[] } {
    let spans = ids.map(() => 1)
    for (;;) {
      const ranks = ids.slice(1).map((right, i) => merges.findIndex(([l, r]) => l === ids[i] && r === right))
      const known = ranks.filter((rank) => rank >= 0)
      if (known.length === 0) return { ids, spans }
      const best = Math.min(...known)
      const at = ranks.indexOf(best)
      ids = [...ids.slice(0, at), merges[best][2], ...ids.slice(at + 2)]
      spans = [...spans.slice(0, at), spans[at] + spans[at + 1], ...spans.slice(at + 2)]
    }
  }

  it('equals the definition for any merges, short and long', () => {
    const merge = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3))
    const unique = fc.uniqueArray(merge, { selector: ([l, r]) => l * 4 + r })
    fc.assert(
      fc.property(unique, fc.array(fc.nat(3), { minLength: 1, maxLength: 90, size: 'max' }), (list, ids) => {
        const pairs = PairRanks.listed(list.length, (rank) => list[rank])
        const want = slow(ids, list)
        const short = Int32Array.from(ids)
        expect([...short.subarray(0, mergePiece(pairs, short, ids.length))]).toEqual(want.ids)
        for (const merge of [mergeLong, neverDropped]) {
          const work = Int32Array.from(ids)
          const spans = new Int32Array(ids.length)
          const count = merge(pairs, work, ids.length, spans)
          expect([...work.subarray(0, count)]).toEqual(want.ids)
          expect([...spans.subarray(0, count)]).toEqual(want.spans)
        }
      }),
      { numRuns: 500 },
    )
  })

  function neverDropped(pairs: PairRanks, ids: Int32Array, count: number, spans: Int32Array): number {
    return mergeWithDropout(pairs, ids, count, { probability: 0, random: random(1) }, spans)
  }

  it('takes time in proportion to the length of a piece', () => {
    const time = (text: string) => {
      const fresh = bpe({ merges: tokenizer.merges })
      const start = performance.now()
      expect(fresh.decode(fresh.encode(text))).toBe(text)
      return performance.now() - start
    }
    for (const unit of ['a', 'at', ' ', 'ә', 'theatsetatthe']) {
      time(unit.repeat(100_000 / unit.length))
      // A thousand times the text would take a million times as long if it were quadratic.
      expect(time(unit.repeat(1_000_000 / unit.length))).toBeLessThan(4000)
    }
  })
})
