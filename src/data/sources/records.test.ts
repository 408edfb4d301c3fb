import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordsOf } from './records.ts'
import { slowSource } from './testing.ts'

describe('recordsOf', () => {
  it('cuts at every place where the separator stands, in chunks of any size', async () => {
    const letters = (most: number) => fc.array(fc.integer({ min: 97, max: 99 }), { maxLength: most })
    await fc.assert(
      fc.asyncProperty(
        letters(40),
        letters(3).filter(({ length }) => length > 0),
        fc.nat(12),
        fc.integer({ min: 1, max: 7 }),
        async (list, pattern, longest, chunkBytes) => {
          const bytes = Uint8Array.from(list)
          const expected: { offset: number; length: number; bytes: number[] }[] = []
          let offset = 0
          const add = (end: number) => {
            const length = Math.max(end - offset, 0)
            expected.push({ offset, length, bytes: length > longest ? [] : list.slice(offset, offset + length) })
          }
          for (let i = 0; i + pattern.length <= list.length; i++) {
            if (!pattern.every((byte, j) => list[i + j] === byte)) continue
            add(i)
            offset = i + pattern.length
          }
          add(list.length)
          const got: typeof expected = []
          const { chunks } = slowSource('', bytes, chunkBytes)
          for await (const batch of recordsOf(chunks(), Uint8Array.from(pattern), { longest })) {
            for (const record of batch) got.push({ ...record, bytes: [...record.bytes] })
          }
          expect(got).toEqual(expected)
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('holds no more of a record than is allowed', async () => {
    const chunk = new Uint8Array(1 << 20).fill(97)
    let most = 0
    async function* chunks() {
      for (let i = 0; i < 300; i++) {
        yield chunk
        most = Math.max(most, process.memoryUsage().arrayBuffers)
      }
      yield Uint8Array.of(10, 98)
    }
    const before = process.memoryUsage().arrayBuffers
    const got: [number, number][] = []
    for await (const batch of recordsOf(chunks(), Uint8Array.of(10), { longest: 1 << 22 })) {
      for (const { offset, length } of batch) got.push([offset, length])
    }
    expect(got).toEqual([
      [0, 300 * 2 ** 20],
      [300 * 2 ** 20 + 1, 1],
    ])
    // The room doubles from 64 KiB until it holds 4 MiB and a chunk, and the room before it may not be collected yet.
    expect(most - before).toBeLessThan(64 * 2 ** 20)
  })
})
