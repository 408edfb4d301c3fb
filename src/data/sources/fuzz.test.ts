import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../base/index.ts'
import { extractText } from './html/extract-text.ts'
import { partsOf } from './parts-of.ts'
import { readAll, slowSource, utf8 } from './testing.ts'

const jsonl = utf8(
  Array.from({ length: 40 }, (_, i) => `${JSON.stringify({ text: `line ${i} қ`, n: [i] })}\n`).join(''),
)
const csv = utf8(`text,n\n${Array.from({ length: 40 }, (_, i) => `"line ""${i}"" қ",${i}\n`).join('')}`)
const rows = Array.from({ length: 40 }, (_, i) => `row ${i} қ`)
const parquet = (codec: 'SNAPPY' | 'UNCOMPRESSED') =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'text', data: rows },
        { name: 'n', data: rows.map((_, i) => i) },
      ],
      codec,
      rowGroupSize: 15,
    }),
  )

const files: Readonly<Record<string, Uint8Array>> = {
  'a.txt': jsonl,
  'a.md': utf8('---\ntitle: a\nlist: [1, 2]\n---\n# A\n\ntext\n'),
  'a.jsonl': jsonl,
  'a.json': utf8(JSON.stringify([{ text: 'a"]' }, { text: 'b', x: [{}] }], null, 1)),
  'a.csv': csv,
  'a.tsv': csv,
  'a.html': utf8(`<title>T</title><main><p>${'word '.repeat(50)}</p><table><tr><td>1<td>2</table><pre>x</pre>`),
  'a.jsonl.gz': new Uint8Array(gzipSync(jsonl)),
  'a.csv.zst': new Uint8Array(zstdCompressSync(csv)),
  'a.parquet': parquet('SNAPPY'),
  'b.parquet': parquet('UNCOMPRESSED'),
}

/** Bytes of a good file with some of them changed, taken out or put in, or the end missing. */
function damaged(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(good.length), remove: fc.nat(4), add: fc.uint8Array({ maxLength: 4 }) })
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let bytes = [...good]
    for (const { at, remove, add } of changes) bytes.splice(at, remove, ...add)
    if (changes.length === 4) bytes = bytes.slice(0, changes[0].at)
    return Uint8Array.from(bytes)
  })
}

async function holds(name: string, bytes: Uint8Array, chunkBytes: number) {
  const source = slowSource(name, bytes, chunkBytes)
  const { documents, report } = await readAll(source, { wrongSchema: 'drop', pieceBytes: 64, longestRecord: 2000 })
  const dropped = Object.values(report.dropped).reduce((sum, reason) => sum + reason.documents, 0)
  expect(report.out.documents).toBe(documents.length)
  expect(report.in.documents).toBe(documents.length + dropped)
  expect(report.out.bytes).toBe(documents.reduce((sum, { text }) => sum + utf8(text).length, 0))
  expect(new Set(documents.map(({ id }) => id)).size).toBe(documents.length)
  await readAll(source).catch((error) => expect(error).toBeInstanceOf(DataError))
  await partsOf(source, { targetBytes: 100 })
  JSON.stringify(documents)
}

describe('any bytes', () => {
  it.each(Object.keys(files))('are read or counted as %s', async (name) => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(damaged(files[name]), damaged(files[name]), fc.uint8Array({ maxLength: 300 })),
        fc.integer({ min: 1, max: 500 }),
        (bytes, chunkBytes) => holds(name, bytes, chunkBytes),
      ),
      { numRuns: 120, interruptAfterTimeLimit: 1500 },
    )
  })

  it('are read as pages', () => {
    const tags = [
      'div',
      'p',
      'a',
      'table',
      'tr',
      'td',
      'ul',
      'ol',
      'li',
      'pre',
      'nav',
      'main',
      'h1',
      'svg',
      'br',
      'span',
    ]
    const bit = fc.oneof(
      fc.constantFrom(...tags).map((tag) => `<${tag}>`),
      fc.constantFrom(...tags).map((tag) => `</${tag}>`),
      fc.constantFrom(
        '<title>',
        '</title>',
        '<script>',
        '</script>',
        '<!--',
        '-->',
        '&amp;',
        '&#x1F42B;',
        '<p hidden>',
        '<br/>',
        '<path/>',
      ),
      fc.constantFrom('Some words that stand here. ', 'word', ' ', '\n'),
    )
    fc.assert(
      fc.property(fc.array(bit, { maxLength: 80, size: 'max' }), (list) => {
        const html = list.join('')
        const { text } = extractText(html)
        expect(text).toBe(text.trimEnd())
        expect(text.length).toBeLessThanOrEqual(html.length * 2 + 100)
      }),
      { numRuns: 1500, interruptAfterTimeLimit: 1500 },
    )
  })
})
