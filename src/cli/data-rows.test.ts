import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packRows } from '../data/index.ts'
import { piecesOf } from './data-rows.ts'

it('finds documents and filler of packed rows again', () => {
  const documents = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }), {
    minLength: 1,
  })
  fc.assert(
    fc.property(documents, fc.integer({ min: 2, max: 12 }), (lists, tokens) => {
      const { ids, rows, filler } = packRows(lists, { tokens, separator: 0 })
      const pieces = Array.from({ length: rows }, (_, row) =>
        piecesOf(ids.subarray(row * (tokens + 1), (row + 1) * (tokens + 1)), 0),
      )
      expect(pieces.reduce((sum, each) => sum + each.filler, 0)).toBe(filler)
      const begun = pieces.flatMap((each) => each.documents).filter(({ begins }) => begins)
      expect(begun.length).toBe(lists.length)
      const short = lists.filter(({ length }) => length < tokens).map(String)
      const whole = begun.map((piece) => [...piece.ids].join())
      for (const one of short) expect(whole).toContain(one)
    }),
    { numRuns: 300 },
  )
})
