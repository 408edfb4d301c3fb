import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packRows, type TokenShards } from '../data/index.ts'
import { shardPieces } from './shard-pieces.ts'

const documents = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }), { minLength: 1 })

const shardsOf = (ids: Uint32Array, rowTokens?: number) =>
  ({
    length: ids.length,
    separator: 0,
    rowTokens,
    read: (at: number, count: number) => ids.slice(at, at + count),
  }) as TokenShards

const all = async (shards: TokenShards, options: { window: number; longest?: number }) => {
  const pieces: number[][] = []
  for await (const { ids } of shardPieces(shards, options)) pieces.push([...ids])
  return pieces
}

it('gives documents whole, wherever windows end', async () => {
  await fc.assert(
    fc.asyncProperty(documents, fc.integer({ min: 1, max: 12 }), async (lists, window) => {
      const ids = Uint32Array.from(lists.flatMap((list) => [...list, 0]))
      expect(await all(shardsOf(ids), { window })).toEqual(lists)
    }),
    { numRuns: 200 },
  )
})

it('loses no token of documents that are cut, or packed into rows', async () => {
  await fc.assert(
    fc.asyncProperty(documents, fc.integer({ min: 2, max: 12 }), async (lists, size) => {
      const whole = lists.flat()
      const ids = Uint32Array.from(lists.flatMap((list) => [...list, 0]))
      const pieces = await all(shardsOf(ids), { window: size, longest: 5 })
      expect(pieces.flat()).toEqual(whole)
      const { ids: rows } = packRows(lists, { tokens: size, separator: 0 })
      const packed = await all(shardsOf(rows, size + 1), { window: 40 })
      // The last token of a row is told again at the beginning of the next, where a document goes on.
      expect(packed.flat().length).toBeGreaterThanOrEqual(whole.length)
      expect(packed.every(({ length }) => length <= size + 1)).toBe(true)
    }),
    { numRuns: 200 },
  )
})
