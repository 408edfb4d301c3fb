import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvDelimiter, csvRows } from './csv-rows.ts'
import { readAll, readBytes, slowSource, utf8 } from './testing.ts'

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('CSV', () => {
  it('gives a document for each row', async () => {
    const file = '\ufeffid;text;year\r\n1;"Бір; ""екі""\nүш";1896\r\n\r\n2;plain "quoted" text;\n'
    const { documents, report } = await readBytes('a.csv', file, { idField: 'id' })
    expect(documents).toEqual([
      { id: '1', text: 'Бір; "екі"\nүш', source: 'test', meta: { year: '1896' } },
      { id: '2', text: 'plain "quoted" text', source: 'test', meta: { year: '' } },
    ])
    expect(report.in.documents).toBe(2)
    expect((await readBytes('a.tsv', 'x,y\ttext\n1\tone, two\n')).documents[0]).toMatchObject({
      id: 'a.tsv:0',
      text: 'one, two',
      meta: { 'x,y': '1' },
    })
  })

  it('reads what another parser reads, in chunks of any size', async () => {
    const field = fc.oneof(
      fc.stringMatching(/^[ab,;"\r\n қ]{0,6}$/).map((text) => `"${text.replaceAll('"', '""')}"`),
      fc.stringMatching(/^[abc; қ]{0,6}$/),
    )
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (rows, end, isEnded, chunkBytes) => {
          const file = rows.map((row) => row.join(',')).join(end) + (isEnded ? end : '')
          const expected = parse(file, { relax_column_count: true, record_delimiter: end, skip_empty_lines: true })
          const got: string[][] = []
          const { chunks } = slowSource('', utf8(file), chunkBytes)
          for await (const batch of csvRows(chunks(), { longest: 1000, delimiter: 0x2c, atLeast: 1 })) {
            for (const { fields, broken } of batch) {
              expect(broken).toBeUndefined()
              got.push(fields.map(decode))
            }
          }
          expect(got).toEqual(expected)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('loses one line by one stray quote', async () => {
    const file = 'n,text\n1,one\n2,"two\n3,three\n4,"fo"ur"\n5,five\n6\n7,seven,7\n8,eight\n9,"nine'
    for (const longestRecord of [1000, 30]) {
      const { documents, report } = await readBytes('a.csv', file, { longestRecord })
      expect(documents.map(({ id, text }) => [id, text])).toEqual([
        ['a.csv:0', 'one'],
        ['a.csv:2', 'three'],
        ['a.csv:4', 'five'],
        ['a.csv:7', 'eight'],
      ])
      expect(report.dropped['broken row'].examples.map(({ id }) => id)).toEqual(['a.csv:1', 'a.csv:3', 'a.csv:8'])
      expect(report.dropped['wrong number of fields'].examples.map(({ why }) => why)).toEqual([
        '1 fields; the header has 2',
        '3 fields; the header has 2',
      ])
    }
  })

  it('goes on after a row that is too long', async () => {
    for (const long of ['x'.repeat(300_000), `"${'x\n'.repeat(10_000)}"`]) {
      const file = utf8(`text\none\n${long}\ntwo\n`)
      const { documents, report } = await readAll(slowSource('a.csv', file, 5000), { longestRecord: 10_000 })
      expect(documents.map(({ text }) => text)).toEqual(expect.arrayContaining(['one', 'two']))
      expect(report.dropped['broken row'].examples[0]).toMatchObject({ id: 'a.csv:1' })
      expect(report.dropped['broken row'].examples[0].why).toContain('longestRecord')
    }
  })

  it('says which columns there are when none is the text', async () => {
    const message =
      'a.csv: the first row of a table names its columns, and here none is the text: fields are name, name 2, column 2;'
    await expect(readBytes('a.csv', 'name,name,\na,b,c\n')).rejects.toThrow(message)
    const { report } = await readBytes('a.csv', 'name,name,\na,b,c\n', { wrongSchema: 'drop' })
    expect(report.dropped['no text field'].documents).toBe(1)
    expect((await readBytes('a.csv', 'name,name,\na,b,c\n', { textField: 'name 2' })).documents[0].text).toBe('b')
  })

  it('finds the delimiter in the first line', () => {
    for (const delimiter of [',', ';', '\t', '|']) {
      expect(csvDelimiter(utf8(`a${delimiter}"b,;|\t,;|\t"${delimiter}c\nd,,,,,`))).toBe(delimiter.charCodeAt(0))
    }
    expect(csvDelimiter(utf8('text\n'))).toBe(0x2c)
  })

  it('takes time in proportion to its size', async () => {
    const time = async (line: string, lines: number) => {
      const file = utf8(`text\n${line.repeat(lines)}`)
      const started = performance.now()
      await readBytes('a.csv', file, { longestRecord: 1 << 20 })
      return performance.now() - started
    }
    for (const line of ['"\n', '"a\n', '"""\n', 'a,"\n', '""a\n', ',""""a\n', '\n', ',']) {
      expect(await time(line, 30_000)).toBeLessThan(2500)
    }
  })
})
