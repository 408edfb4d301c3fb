import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Document } from '../index.ts'
import { Tally } from '../index.ts'
import { streamSource } from './byte-source.ts'
import { partsOf } from './parts-of.ts'
import { readDocuments } from './read-documents.ts'
import type { Split } from './read-options.ts'
import { readAll, slowSource, utf8 } from './testing.ts'

const bits = ['a', 'қ', '🐫', 'xyz', ' ', '\n', '\r\n', '\n\n', '--', '-', '\n-\n', '\t', '\n \n']
const text = fc.array(fc.constantFrom(...bits), { maxLength: 60, size: 'max' }).map((list) => list.join(''))
const splits: readonly Split[] = ['file', 'line', 'blank line', { separator: '--' }, { separator: '\n-\n' }]

async function check(name: string, bytes: Uint8Array, targetBytes: number, chunkBytes: number, options: object) {
  const source = slowSource(name, bytes, chunkBytes)
  const whole = await readAll(source, options)
  const parts = await partsOf(source, { targetBytes, ...options })
  expect(parts[0].start).toBe(0)
  expect(parts.at(-1)!.end).toBe(source.size)
  const documents: Document[] = []
  const tally = new Tally('read')
  for (const [i, part] of parts.entries()) {
    if (i > 0) expect(part.start).toBe(parts[i - 1].end)
    const { documents: own, report } = await readAll(source, { ...options, part: JSON.parse(JSON.stringify(part)) })
    documents.push(...own)
    tally.add(report)
  }
  expect(documents).toEqual(whole.documents)
  expect(tally.report()).toEqual(whole.report)
  return parts.length
}

describe('parts', () => {
  it.each(splits)('of text by %s give the documents of the whole', async (split) => {
    let most = 0
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 16, max: 40 }),
        fc.constantFrom(10, 1000),
        async (file, targetBytes, chunkBytes, pieceBytes, longestRecord) => {
          const count = await check('a.txt', utf8(file), targetBytes, chunkBytes, { split, pieceBytes, longestRecord })
          most = Math.max(most, count)
        },
      ),
      { numRuns: 250 },
    )
    expect(most).toBeGreaterThan(2)
  })

  it('of JSONL give the documents of the whole', async () => {
    const line = fc.oneof(
      fc
        .string({ unit: fc.constantFrom('a', 'қ', '🐫', '\n', ' ') })
        .map((content) => JSON.stringify({ text: content })),
      fc.constantFrom('', ' ', '{"text": "broken', '{"n": 1}'),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 80 }),
        fc.integer({ min: 1, max: 50 }),
        async (list, end, isEnded, targetBytes, chunkBytes) => {
          const file = utf8(list.join(end) + (isEnded ? end : ''))
          await check('a.jsonl', file, targetBytes, chunkBytes, { wrongSchema: 'drop' })
        },
      ),
      { numRuns: 250 },
    )
  })

  it('of what cannot be cut are one', async () => {
    const one = [{ unit: 'bytes', start: 0, end: 12 }]
    for (const name of ['a.csv', 'a.html', 'a.json']) {
      expect(await partsOf(slowSource(name, utf8('text\n1\n2\n3\n4'), 100), { targetBytes: 1 })).toEqual(one)
    }
    const [part] = await partsOf(streamSource('-', [utf8('a\nb')]), { targetBytes: 1 })
    const documents = readDocuments(streamSource('-', [utf8('a\nb')]), { source: 's', tally: new Tally('read'), part })
    expect(await Array.fromAsync(documents, ({ id, text }) => [id, text])).toEqual([['-', 'a\nb']])
  })

  it('of nothing are one that holds nothing', async () => {
    expect(await partsOf(slowSource('a.txt', utf8(''), 1), { targetBytes: 5 })).toEqual([
      { unit: 'bytes', start: 0, end: 0 },
    ])
  })

  it('refuse what makes no sense', async () => {
    const source = slowSource('a.txt', utf8('a'), 1)
    await expect(partsOf(source, { targetBytes: 0 })).rejects.toThrow('targetBytes')
    await expect(partsOf(source, { targetBytes: 1, split: { separator: '' } })).resolves.toHaveLength(1)
    await expect(readAll(source, { split: { separator: '' } })).rejects.toThrow('1 to 1024 bytes')
    await expect(readAll(source, { part: { unit: 'rows', start: 0, end: 1 } })).rejects.toThrow('one of bytes')
  })
})
