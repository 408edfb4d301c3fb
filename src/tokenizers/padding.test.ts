import { describe, expect, it } from 'vitest'
import { addedEncoding } from './encoding.ts'
import { paddedEncodings } from './padding.ts'

const text = { ...addedEncoding([7, 8], ['a', 'b'], { typeId: 0 }), specialMask: new Uint8Array(2) }
const longer = { ...addedEncoding([7, 8, 9], ['a', 'b', 'c'], { typeId: 0 }), specialMask: new Uint8Array(3) }
const pad = { id: 1, typeId: 2, token: '<pad>' }

describe('padding', () => {
  it('fills up to the longest of the batch', () => {
    const [short, long] = paddedEncodings([text, longer], pad)
    expect(long).toEqual(longer)
    expect([...short.ids]).toEqual([7, 8, 1])
    expect(short.tokens).toEqual(['a', 'b', '<pad>'])
    expect([...short.typeIds]).toEqual([0, 0, 2])
    expect([...short.attentionMask]).toEqual([1, 1, 0])
    expect([...short.specialMask]).toEqual([0, 0, 1])
    expect([...short.words]).toEqual([-1, -1, -1])
  })

  it('fills on the left, to a length, to a multiple', () => {
    expect([...paddedEncodings([text], { ...pad, direction: 'left', length: 4 })[0].ids]).toEqual([1, 1, 7, 8])
    expect([...paddedEncodings([longer], { ...pad, toMultipleOf: 4 })[0].ids]).toEqual([7, 8, 9, 1])
    expect([...paddedEncodings([longer], { ...pad, length: 2 })[0].ids]).toEqual([7, 8, 9])
  })

  it('fills windows of overflow too', () => {
    const [filled] = paddedEncodings([{ ...longer, overflow: [text] }], pad)
    expect([...filled.overflow[0].ids]).toEqual([7, 8, 1])
  })
})
