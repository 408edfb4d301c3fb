import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../base/index.ts'
import { addedEncoding, type Encoding } from './encoding.ts'
import { type Truncation, truncatedEncodings } from './truncation.ts'

const encodingOf = (...ids: number[]): Encoding => addedEncoding(ids, ids.map(String), { typeId: 0 })
const lengths = (encodings: readonly Encoding[]) => encodings.map(({ ids }) => ids.length)
const windows = ({ ids, overflow }: Encoding) => [ids, ...overflow.map((each) => each.ids)].map((each) => [...each])
const cut = (encoding: Encoding, truncation: Truncation) => truncatedEncodings([encoding], truncation, 0)[0]

describe('truncation', () => {
  it('leaves what is short', () => {
    const short = encodingOf(1, 2)
    expect(truncatedEncodings([short], { maxLength: 2 }, 0)[0]).toBe(short)
  })

  it('keeps what it cuts in windows that overlap, from either side', () => {
    const whole = encodingOf(1, 2, 3, 4, 5, 6)
    expect(windows(cut(whole, { maxLength: 3, stride: 1 }))).toEqual([
      [1, 2, 3],
      [3, 4, 5],
      [5, 6],
    ])
    expect(windows(cut(whole, { maxLength: 4, stride: 2, direction: 'left' }))).toEqual([
      [3, 4, 5, 6],
      [1, 2, 3, 4],
    ])
    expect(windows(cut(whole, { maxLength: 0 }))).toEqual([[], [1, 2, 3, 4, 5, 6]])
  })

  it('leaves no token out, whatever the stride', () => {
    const arbitrary = fc.record({ n: fc.nat(40), maxLength: fc.integer({ min: 1, max: 12 }), stride: fc.nat(11) })
    fc.assert(
      fc.property(arbitrary, fc.constantFrom('left', 'right'), ({ n, maxLength, stride }, direction) => {
        fc.pre(stride < maxLength)
        const all = windows(cut(encodingOf(...Array(n).keys()), { maxLength, stride, direction }))
        expect(new Set(all.flat()).size).toBe(n)
        expect(all.every((window) => window.length <= maxLength)).toBe(true)
        const inOrder = direction === 'left' ? all.toReversed() : all
        inOrder.slice(1).forEach((window, i) => {
          const shared = window.filter((id) => inOrder[i].includes(id)).length
          expect(shared).toBeGreaterThanOrEqual(Math.min(stride, n))
        })
      }),
    )
  })

  // Lengths of a pair, before and after; as in Hugging Face.
  it.each<[string, Truncation, number, number[], number[]]>([
    ['the longer first', { maxLength: 10 }, 0, [3, 20], [3, 7]],
    ['the longer first, whichever it is', { maxLength: 10 }, 0, [20, 3], [7, 3]],
    ['both to a half', { maxLength: 9 }, 0, [20, 30], [4, 5]],
    ['both to a half, the first longer', { maxLength: 9 }, 0, [30, 20], [5, 4]],
    ['with room for added tokens', { maxLength: 10 }, 3, [3, 20], [3, 4]],
    ['the first only', { maxLength: 10, strategy: 'onlyFirst' }, 0, [20, 4], [6, 4]],
    ['the second only', { maxLength: 10, strategy: 'onlySecond' }, 0, [4, 20], [4, 6]],
  ])('of pairs cuts %s', (_, truncation, room, before, after) => {
    const pair = before.map((length) => encodingOf(...Array(length).keys()))
    expect(lengths(truncatedEncodings(pair, truncation, room))).toEqual(after)
  })

  it('says what cannot be', () => {
    const long = encodingOf(1, 2, 3, 4)
    expect(() => cut(long, { maxLength: 2, stride: 2 })).toThrow(ConfigError)
    expect(() => truncatedEncodings([long], { maxLength: 2 }, 3)).toThrow(/no room for 3 added tokens/)
    expect(() => cut(long, { maxLength: 2, strategy: 'onlySecond' })).toThrow(DataError)
    const pair = [encodingOf(1), encodingOf(1, 2, 3, 4)]
    expect(() => truncatedEncodings(pair, { maxLength: 2, strategy: 'onlyFirst' }, 0)).toThrow(/has only 1/)
  })
})
