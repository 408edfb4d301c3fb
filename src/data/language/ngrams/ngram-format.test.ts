import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../../base/index.ts'
import { NgramCounts } from './ngram-counts.ts'
import { readNgramModel, writeNgramModel } from './ngram-format.ts'

function example() {
  const counts = new NgramCounts({ unit: 'word', order: 3, pruneFrom: 9 })
  for (const text of ['the cat sat on the mat', 'the dog sat on the cat', 'ит пен мысық', 'the cat']) counts.add(text)
  return counts.model()
}

describe('readNgramModel', () => {
  it('reads what was written', () => {
    const model = example()
    const bytes = writeNgramModel(model)
    const read = readNgramModel(bytes, 'm')
    for (const text of ['the cat sat', 'мысық пен', 'new words', ''])
      expect(read.score(text)).toEqual(model.score(text))
    expect(read.unit).toBe('word')
    const again = readNgramModel(writeNgramModel(read), 'm')
    expect(again.score('the dog sat on the mat')).toEqual(model.score('the dog sat on the mat'))
  })

  it('stands any bytes', () => {
    const bytes = writeNgramModel(example())
    fc.assert(
      fc.property(
        fc.option(fc.nat(bytes.length)),
        fc.array(fc.tuple(fc.oneof(fc.nat(50), fc.nat(bytes.length - 1)), fc.nat(255)), { maxLength: 4 }),
        (length, changes) => {
          const broken = bytes.slice(0, length ?? undefined)
          for (const [at, value] of changes) if (at < broken.length) broken[at] = value
          try {
            const { bits } = readNgramModel(broken, 'broken').score('the cat мысық new')
            expect(bits).toSatisfy(Number.isFinite)
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError)
            expect((error as Error).message).toMatch(/^broken: byte \d+: /)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('refuses hashes that would make it slow', () => {
    const entries = 60_000
    const bytes = new Uint8Array(32 + 4 + 12 * entries)
    bytes.set(writeNgramModel(example()).subarray(0, 32))
    const view = new DataView(bytes.buffer)
    view.setUint32(16, 1, true)
    view.setUint32(32, entries, true)
    for (let i = 0; i < entries; i++) {
      // All begin their search near the same place.
      view.setUint32(36 + 12 * i, (i << 17) + (i >> 15), true)
      view.setFloat32(40 + 12 * i, 0.5, true)
      view.setFloat32(44 + 12 * i, 0.5, true)
    }
    expect(() => readNgramModel(bytes, 'm')).toThrow(/hashes that are not random/)
  })
})
