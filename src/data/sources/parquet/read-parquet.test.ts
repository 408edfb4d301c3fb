import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { Tally } from '../../index.ts'
import { streamSource } from '../byte-source.ts'
import { partsOf } from '../parts-of.ts'
import { readAll, readBytes, slowSource, utf8 } from '../testing.ts'

const count = 1000
const texts = Array.from({ length: count }, (_, i) => `Мәтін ${(i * 7919) % 1009} ${'x'.repeat(i % 50)}`)
const columns = [
  { name: 'url', data: texts.map((_, i) => `https://example.org/${i}`) },
  { name: 'text', data: texts },
  { name: 'year', data: texts.map((_, i) => BigInt(i)), type: 'INT64' as const },
  { name: 'html', data: texts.map((text) => `<p>${text}`.padEnd(5000, '.')) },
]
const file = (options: object = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData: columns, rowGroupSize: 100, ...options }))

describe('Parquet', () => {
  it('gives a document for each row, with the small columns as meta', async () => {
    for (const codec of ['SNAPPY', 'UNCOMPRESSED'] as const) {
      const { documents, report } = await readBytes('a.parquet', file({ codec }))
      expect(documents.map(({ text }) => text)).toEqual(texts)
      expect(documents[17]).toEqual({
        id: 'a.parquet:17',
        text: texts[17],
        source: 'test',
        meta: { url: 'https://example.org/17', year: 17 },
      })
      expect(report.in).toEqual({ documents: count, bytes: texts.reduce((sum, text) => sum + utf8(text).length, 0) })
    }
  })

  it('takes the fields that are asked for', async () => {
    const { documents } = await readBytes('a.bin', file(), { textField: ['none', 'html'], idField: 'url' })
    expect(documents[3].text).toMatch(/^<p>Мәтін/)
    expect(documents[3].id).toBe('https://example.org/3')
    expect(Object.keys(documents[3].meta)).toEqual(['text', 'year'])
  })

  it('says which columns there are when none is the text', async () => {
    const other = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'body_text', data: ['a'] }] }))
    await expect(readBytes('a.parquet', other)).rejects.toThrow('no column holds the text: fields are body_text;')
    const { report } = await readBytes('a.parquet', other, { wrongSchema: 'drop' })
    expect(report.dropped['no text field'].documents).toBe(1)
    await expect(readBytes('a.parquet', file(), { textField: 'year' })).rejects.toThrow('no column holds the text')
  })

  it('reads rows without a text, dates and nested values', async () => {
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'text', data: ['a', null, ''], nullable: true },
          { name: 'at', data: [new Date(0), new Date(1000), new Date(2000)], type: 'TIMESTAMP' },
          { name: 'more', data: [{ x: [1, 2] }, { x: [] }, {}], type: 'JSON' },
          { name: 'big', data: [2n ** 60n, 1n, 2n], type: 'INT64' },
        ],
      }),
    )
    const { documents, report } = await readBytes('a.parquet', bytes)
    expect(documents).toEqual([
      {
        id: 'a.parquet:0',
        text: 'a',
        source: 'test',
        meta: { at: '1970-01-01T00:00:00.000Z', more: { x: [1, 2] }, big: '1152921504606846976' },
      },
    ])
    expect(Object.keys(report.dropped)).toEqual(['no text field', 'empty'])
  })

  it('has columns whose pages end at different rows, and loses a page of rows by a damaged page', async () => {
    const bytes = file({ codec: 'UNCOMPRESSED', pageSize: 600, rowGroupSize: 500 })
    const good = await readBytes('a.parquet', bytes)
    expect(good.documents.map(({ text }) => text)).toEqual(texts)
    expect(good.documents.map(({ meta }) => meta.year)).toEqual(texts.map((_, i) => i))
    const at = new TextDecoder('latin1').decode(bytes).indexOf(new TextDecoder('latin1').decode(utf8(texts[200])))
    expect(at).toBeGreaterThan(0)
    bytes.fill(0xff, at - 20, at + 20)
    const { documents, report } = await readBytes('a.parquet', bytes)
    const ids = documents.map(({ id }) => Number(id.slice(10)))
    const lost = texts.map((_, i) => i).filter((i) => !ids.includes(i))
    expect(lost).toContain(200)
    // Some forty rows of 24 bytes are a page; two at most are hit.
    expect(lost.length).toBeLessThan(80)
    expect(documents.every(({ text }, i) => text === texts[ids[i]])).toBe(true)
    expect(report.dropped['damaged rows'].documents).toBeGreaterThan(0)
  })

  it('reads conversations in nested columns', async () => {
    const messages = texts
      .slice(0, 50)
      .map((text, i) => [
        { role: 'user', content: text },
        ...(i % 3 === 0 ? [] : [{ role: 'assistant', content: `to ${i}` }]),
      ])
    const element = { name: 'element', repetition_type: 'REQUIRED' as const, num_children: 2 }
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        schema: [
          { name: 'root', num_children: 1 },
          { name: 'messages', repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
          { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
          element,
          { name: 'role', repetition_type: 'REQUIRED', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
          { name: 'content', repetition_type: 'REQUIRED', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
        ],
        columnData: [{ name: 'messages', data: messages }],
        rowGroupSize: 20,
        pageSize: 100,
      }),
    )
    const { documents } = await readBytes('a.parquet', bytes)
    expect(documents.map(({ meta }) => meta.messages)).toEqual(messages)
    expect(documents[1].text).toBe(`${texts[1]}\n\nto 1`)
  })

  it('reads fields within a column', async () => {
    const from = texts.slice(0, 60).map((text, i) => ({ site: `s${i}`, note: i % 2 === 0 ? text : null }))
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        schema: [
          { name: 'root', num_children: 2 },
          { name: 'text', repetition_type: 'REQUIRED', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
          { name: 'from', repetition_type: 'REQUIRED', num_children: 2 },
          { name: 'site', repetition_type: 'REQUIRED', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
          { name: 'note', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
        ],
        columnData: [
          { name: 'text', data: texts.slice(0, 60) },
          { name: 'from', data: from },
        ],
        pageSize: 100,
      }),
    )
    const { documents } = await readBytes('a.parquet', bytes)
    expect(documents.map(({ text }) => text)).toEqual(texts.slice(0, 60))
    const expected = from.map(({ site, note }) => (note === null ? { site } : { site, note }))
    expect(documents.map(({ meta }) => meta.from)).toEqual(expected)
  })

  it('is cut at row groups', async () => {
    const bytes = file()
    for (const targetBytes of [1, 10_000, 1e9]) {
      const parts = await partsOf(slowSource('a.parquet', bytes, 100), { targetBytes })
      const tally = new Tally('read')
      const all: string[] = []
      for (const part of parts) {
        const { documents, report } = await readBytes('a.parquet', bytes, { part })
        all.push(...documents.map(({ id }) => id))
        tally.add(report)
      }
      expect(all).toEqual(texts.map((_, i) => `a.parquet:${i}`))
      expect(parts.length).toBe({ 1: 10, 10000: parts.length, 1e9: 1 }[targetBytes])
      expect(tally.report()).toEqual((await readBytes('a.parquet', bytes)).report)
    }
  })

  it('loses the rows that are damaged, and no others', async () => {
    const bytes = file({ codec: 'SNAPPY' })
    // The text column of the fifth row group: its first text is found by the beginning that Snappy leaves as it is.
    const at = new TextDecoder('latin1').decode(bytes).indexOf(new TextDecoder('latin1').decode(utf8(texts[400])))
    expect(at).toBeGreaterThan(0)
    bytes.fill(0xff, at - 12, at + 200)
    const { documents, report } = await readBytes('a.parquet', bytes)
    const lost = report.dropped['damaged rows']
    expect(lost.examples[0].id).toBe('a.parquet:400')
    expect(lost.examples[0].why).toContain('cannot be read')
    expect(documents.map(({ id }) => Number(id.slice(10)))).toEqual(
      texts.map((_, i) => i).filter((i) => i < 400 || i >= 500),
    )
  })

  it('that is cut off, or no Parquet, is counted', async () => {
    const bytes = file()
    for (const damaged of [
      bytes.subarray(0, 5000),
      bytes.subarray(0, bytes.length - 1),
      utf8('PAR1'),
      utf8('PAR1 and nothing PAR1'),
    ]) {
      const { documents, report } = await readBytes('a.parquet', damaged)
      expect(documents).toEqual([])
      expect(report.dropped['damaged file'].examples[0].why).toContain('a.parquet: not a whole Parquet file')
      expect(await partsOf(slowSource('a.parquet', damaged, 9), { targetBytes: 9 })).toHaveLength(1)
    }
    const { report } = await readAll(streamSource('in', [bytes]))
    expect(report.dropped['damaged file'].examples[0].why).toContain('save it to a file first')
  })

  it('passes on what the source throws', async () => {
    const source = slowSource('a.parquet', file(), 100)
    const { read } = source
    let left = 3
    source.read = async (start, end) => {
      if (left-- === 0) throw new Error('the disk is gone')
      return read(start, end)
    }
    await expect(readAll(source)).rejects.toThrow('the disk is gone')
  })

  it('is undone by the host where it can', async () => {
    const codecs: string[] = []
    const { documents } = await readBytes('a.parquet', file({ codec: 'SNAPPY' }), {
      decompressPage(codec) {
        codecs.push(codec)
        return undefined
      },
    })
    expect(documents.length).toBe(count)
    expect(new Set(codecs)).toEqual(new Set(['SNAPPY']))
  })
})
