import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { compile } from '../compiler/index.ts'
import { input } from '../tensor/index.ts'
import { documentPositions } from './index.ts'

describe('positions in packed rows', () => {
  it('count from the beginning of each document', async () => {
    const row = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 3 }), async (rows) => {
        // Rows are cut to the shortest.
        const tokens = Math.min(...rows.map((lengths) => lengths.reduce((sum, length) => sum + length)))
        const fill = (of: (document: number, place: number) => number) =>
          rows.flatMap((lengths) =>
            lengths.flatMap((length, i) => Array.from({ length }, (_, place) => of(i, place))).slice(0, tokens),
          )
        const positions = documentPositions(input('documents', [rows.length, tokens], 'i32'))
        const program = compile({ outputs: { positions } }, { backend: referenceBackend() })
        const found = await program.run({ documents: fill((document) => document) })
        expect([...found.positions]).toEqual(fill((_, place) => place))
        program.release()
      }),
      { numRuns: 60 },
    )
  })

  it('want rows', () => {
    expect(() => documentPositions(input('documents', [3], 'i32'))).toThrow('documents must be [B, T], got [3]')
  })
})
