import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../base/index.ts'
import { addedEncoding, type Encoding, joinedEncodings } from '../encoding.ts'
import { bertProcessor, robertaProcessor } from './bert.ts'
import { byteLevelProcessor } from './byte-level.ts'
import { postProcessorSequence } from './sequence.ts'
import { templateProcessor } from './template.ts'

function encodingOf(sequence: 0 | 1, tokens: string[], offsets: [number, number][] = []): Encoding {
  const n = tokens.length
  return {
    ...addedEncoding(
      tokens.map((_, i) => 10 * (sequence + 1) + i),
      tokens,
      { typeId: sequence },
    ),
    starts: Uint32Array.from({ length: n }, (_, i) => offsets[i]?.[0] ?? 0),
    ends: Uint32Array.from({ length: n }, (_, i) => offsets[i]?.[1] ?? 0),
    specialMask: new Uint8Array(n),
    sequences: new Int8Array(n).fill(sequence),
  }
}
const first = encodingOf(0, ['a', 'b'])
const second = encodingOf(1, ['c'])
const sep = ['[SEP]', 2] as const
const cls = ['[CLS]', 1] as const

describe('post-processors', () => {
  it('put tokens around texts', () => {
    const bert = joinedEncodings(bertProcessor({ sep, cls }).process([first, second], true))
    expect([...bert.ids]).toEqual([1, 10, 11, 2, 20, 2])
    expect([...bert.typeIds]).toEqual([0, 0, 0, 0, 1, 1])
    expect([...bert.specialMask]).toEqual([1, 0, 0, 1, 0, 1])
    expect([...bert.sequences]).toEqual([-1, 0, 0, -1, 1, -1])
    const roberta = joinedEncodings(robertaProcessor({ sep, cls }).process([first, second], true))
    expect([...roberta.ids]).toEqual([1, 10, 11, 2, 2, 20, 2])
    expect([...roberta.typeIds]).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(joinedEncodings(bertProcessor({ sep, cls }).process([first], false)).ids).toEqual(first.ids)
  })

  it('put them around every window that truncation cut', () => {
    const cut = { ...first, overflow: [encodingOf(0, ['z'])] }
    const { overflow } = joinedEncodings(
      bertProcessor({ sep, cls }).process([cut, { ...second, overflow: [cut] }], true),
    )
    expect(overflow.map(({ ids }) => [...ids])).toEqual([
      [1, 10, 2, 20, 2],
      [1, 10, 2, 10, 11, 2],
      [1, 10, 11, 2, 10, 11, 2],
    ])
  })

  it('follow templates', () => {
    const template = templateProcessor({
      single: [{ special: '<s>' }, { sequence: 'A' }],
      pair: [{ sequence: 'B', typeId: 3 }, { special: '<s>', typeId: 1 }, { sequence: 'A' }],
      specials: new Map([['<s>', { ids: [5, 6], tokens: ['<', 's>'] }]]),
    })
    expect([template.addedTokens(false), template.addedTokens(true)]).toEqual([2, 2])
    const pair = joinedEncodings(template.process([first, second], true))
    expect([...pair.ids]).toEqual([20, 5, 6, 10, 11])
    expect([...pair.typeIds]).toEqual([3, 1, 1, 0, 0])
    expect([...joinedEncodings(template.process([first], false)).ids]).toEqual([10, 11])
  })

  it('refuse templates that name nothing', () => {
    const parts = [{ special: '<s>' }]
    expect(() => templateProcessor({ single: parts, pair: [], specials: new Map() })).toThrow(ConfigError)
  })

  it('take white space out of offsets, but not the space that was put before the text', () => {
    const spaced = encodingOf(
      0,
      ['Ġa', 'ĠĠ', 'Ġb', ' \tc '],
      [
        [0, 1],
        [1, 3],
        [3, 5],
        [5, 9],
      ],
    )
    const offsets = (addPrefixSpace: boolean) => {
      const [{ starts, ends }] = byteLevelProcessor({ addPrefixSpace }).process([spaced], true)
      return [...starts].map((start, i) => [start, ends[i]])
    }
    expect(offsets(true)).toEqual([
      [0, 1],
      [3, 3],
      [4, 5],
      [7, 8],
    ])
    expect(offsets(false)[0]).toEqual([1, 1])
    expect(byteLevelProcessor({ trimOffsets: false }).process([spaced], true)).toEqual([spaced])
  })

  it('come one after the other', () => {
    const both = postProcessorSequence([bertProcessor({ sep, cls }), byteLevelProcessor()])
    expect(both.addedTokens(true)).toBe(3)
    expect([...joinedEncodings(both.process([first], true)).ids]).toEqual([1, 10, 11, 2])
  })
})
