import { describe, expect, it } from 'vitest'
import { batchInputs, countTargets } from './batch-inputs.ts'

const batch = (documents?: number[]) => ({
  inputs: Int32Array.of(1, 2, 3, 4, 5, 6),
  targets: Int32Array.of(2, -1, 0, 5, 6, -1),
  batch: 2,
  tokens: 3,
  documents: documents && Int32Array.from(documents),
})

describe('what programs read of a batch', () => {
  it('are documents only where rows are packed', () => {
    expect(Object.keys(batchInputs(batch(), false))).toEqual(['ids', 'targets'])
    expect([...batchInputs(batch([0, 1, 1, 0, 0, 1]), true).documents]).toEqual([0, 1, 1, 0, 0, 1])
  })

  it('are rows of one document where a batch does not say', () => {
    expect([...batchInputs(batch(), true).documents]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('are never documents that the program would pass over', () => {
    expect(() => batchInputs(batch([0, 1, 1, 0, 0, 1]), false)).toThrow('give a source with packed: true')
  })

  it.each([
    [[0, 1, 1, 1, 1, 1], 'documents of row 1 must begin with 0 and go on with the same or one more, got 1 at token 0'],
    [[0, 1, 0, 0, 0, 0], 'row 0 must begin with 0 and go on with the same or one more, got 1, 0 at token 2'],
    [[0, 0, 0, 0, 2, 2], 'got 0, 2 at token 1'],
    [[-1, 0, 0, 0, 0, 0], 'got -1 at token 0'],
    [[0, 0, 0], 'a batch has 6 tokens, but documents of 3'],
  ])('are not documents numbered as in %j', (documents, message) => {
    expect(() => batchInputs(batch(documents), true)).toThrow(message)
  })

  it('are targets, of which those below 0 do not count', () => {
    expect(countTargets(batch())).toBe(4)
  })
})
