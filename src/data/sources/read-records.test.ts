import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { streamSource } from './byte-source.ts'
import { readAll, readBytes, slowSource, utf8 } from './testing.ts'

const lines = (...records: unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')

describe('JSONL', () => {
  it('gives a document for each record, with the other fields as meta', async () => {
    const file = `\ufeff${lines({ text: 'Бір', url: 'a', tags: ['x'], big: 'y'.repeat(5000) })}\r\n\n${lines({ title: 'T', content: 'Two' })}`
    const { documents, report } = await readBytes('a.jsonl', file)
    expect(documents).toEqual([
      { id: 'a.jsonl@0', text: 'Бір', source: 'test', meta: { url: 'a', tags: ['x'] } },
      {
        id: `a.jsonl@${utf8(file.slice(0, file.indexOf('{"title"'))).length}`,
        text: 'Two',
        source: 'test',
        meta: { title: 'T' },
      },
    ])
    expect(report.out).toEqual({ documents: 2, bytes: 9 })
    expect(report.changed['field too large for meta'].examples[0].why).toBe('big has more than 4096 characters')
  })

  it('takes the fields that are asked for', async () => {
    const file = lines({ a: 'A', b: 'B', key: 7 }, { b: 'C', key: 'k' }, { c: 'D' })
    const { documents, report } = await readBytes('a.jsonl', file, { textField: ['b', 'a'], idField: 'key' })
    expect(documents.map(({ id, text, meta }) => [id, text, meta])).toEqual([
      ['7', 'B', { a: 'A' }],
      ['k', 'C', {}],
    ])
    expect(report.dropped['no text field'].examples).toEqual([
      {
        id: 'a.jsonl@46',
        why: 'fields are c; text is looked for in b, a: choose a field with textField',
        excerpt: '{"c":"D"}',
      },
    ])
  })

  it('reads conversations, and keeps them as they are', async () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Hello ' }, { type: 'image' }, { type: 'text', text: 'you' }],
      },
    ]
    const chosen = [
      { role: 'user', content: 'Q' },
      { role: 'assistant', content: 'A'.repeat(5000) },
    ]
    const records = [
      { messages, id: 1 },
      {
        conversations: [
          { from: 'human', value: 'x' },
          { from: 'gpt', value: 'y' },
        ],
      },
      { prompt: 'P', chosen: 'C', rejected: 'R' },
      { prompt: [chosen[0]], chosen, rejected: chosen },
    ]
    const { documents } = await readBytes('a.jsonl', lines(...records))
    expect(documents.map(({ text }) => text)).toEqual([
      'Hi\n\nHello \nyou',
      'x\n\ny',
      'P\n\nC',
      `Q\n\n${'A'.repeat(5000)}`,
    ])
    expect(documents.map(({ meta }) => meta)).toEqual(records)
  })

  it('says which fields there are when none is the text', async () => {
    const file = lines({ url: 'a', body_text: 'b' }, { url: 'c' })
    await expect(readBytes('a.jsonl', file)).rejects.toThrow(
      'a.jsonl: the records at its beginning have no text: fields are url, body_text; text is looked for in text, content',
    )
    const { documents, report } = await readBytes('a.jsonl', file, { wrongSchema: 'drop' })
    expect(documents).toEqual([])
    expect(report.dropped['no text field'].documents).toBe(2)
  })

  it('loses one line by one wrong line', async () => {
    const file = utf8(
      '{"text": "a"}\n{"text": "b\n{"text": "x?yzzzzzzzzz"}\n[1]\n"s"\nnull\n{"text": ""}\n{"text": "??"}\n{"text": "e"}',
    )
    const text = new TextDecoder().decode(file)
    file[text.indexOf('?')] = 0xe2
    file.fill(0x80, text.indexOf('??'), text.indexOf('??') + 2)
    const { documents, report } = await readBytes('a.jsonl', file)
    expect(documents.map((document) => document.text)).toEqual(['a', 'x\ufffdyzzzzzzzzz', 's', 'e'])
    expect(
      Object.entries(report.dropped).map(([reason, { examples }]) => [reason, examples.map(({ id }) => id)]),
    ).toEqual([
      ['broken JSON', ['a.jsonl@14']],
      ['no text field', ['a.jsonl@51', 'a.jsonl@59']],
      ['empty', ['a.jsonl@64']],
      ['holds no text', ['a.jsonl@77']],
    ])
    expect(report.changed['not UTF-8'].bytes).toBe(1)
    expect(report.in.documents).toBe(9)
  })

  it('goes on after a line of 100 MB', async () => {
    const chunk = new Uint8Array(1 << 20).fill(0x61)
    async function* file() {
      yield utf8('{"text": "one"}\n{"text": "')
      for (let i = 0; i < 100; i++) yield chunk
      yield utf8('"}\n{"text": "three"}\n')
    }
    const before = process.memoryUsage().arrayBuffers
    const { documents, report } = await readAll(streamSource('in.jsonl', file()), { longestRecord: 1 << 20 })
    expect(documents.map(({ id, text }) => [id, text])).toEqual([
      ['in.jsonl@0', 'one'],
      [`in.jsonl@${16 + 12 + 100 * 2 ** 20 + 1}`, 'three'],
    ])
    expect(report.dropped['too long'].bytes).toBe(10 + 100 * 2 ** 20 + 2)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 2 ** 20)
  })

  it('does not take a field for the prototype of meta', async () => {
    const { documents } = await readBytes('a.jsonl', '{"text": "a", "__proto__": {"x": 1}, "constructor": 2}\n')
    expect(Object.getPrototypeOf(documents[0].meta)).toBe(Object.prototype)
    expect(Object.keys(documents[0].meta)).toEqual(['__proto__', 'constructor'])
    await expect(readBytes('a.jsonl', '{"x": "a"}\n', { textField: 'toString' })).rejects.toThrow('fields are x')
  })

  it('leaves out of meta what is nested deeper than anyone reads', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const { documents, report } = await readBytes('a.jsonl', `{"text": "a", "deep": ${deep}}\n`)
    expect(documents[0].meta).toEqual({})
    expect(report.changed['field too large for meta'].documents).toBe(1)
  })
})

describe('JSON', () => {
  it('is an array of records, or records one after another', async () => {
    const records = [{ text: 'a, "b" ] }' }, { text: 'c\\', n: [1, { x: '}' }] }, 'd']
    for (const file of [
      JSON.stringify(records, null, 2),
      JSON.stringify(records),
      lines(...records),
      records.map((r) => JSON.stringify(r)).join(' '),
    ]) {
      for (const chunkBytes of [1, 7, 1000]) {
        const { documents } = await readAll(slowSource('a.json', utf8(`\ufeff${file}`), chunkBytes))
        expect(documents.map(({ text }) => text)).toEqual(['a, "b" ] }', 'c\\', 'd'])
      }
    }
    expect((await readBytes('a.json', '[\n {"text": "x"},\n {"text": "y"}]')).documents.map(({ id }) => id)).toEqual([
      'a.json@3',
      'a.json@19',
    ])
  })

  it('says which fields there are when none is the text', async () => {
    await expect(readBytes('package.json', '{"name": "a", "version": "1"}')).rejects.toThrow(
      'fields are name, version;',
    )
    expect((await readBytes('a.json', '[]')).report.in.documents).toBe(0)
  })

  it('counts what is broken, too long or no record', async () => {
    const file = `[{"text": "a"}, {"text": b}, 7, {"text": "${'x'.repeat(50)}"}, {"text": "c"}, {"text": "d`
    const { documents, report } = await readBytes('a.json', file, { longestRecord: 40 })
    expect(documents.map(({ text }) => text)).toEqual(['a', 'c'])
    expect(Object.entries(report.dropped).map(([reason, { documents }]) => [reason, documents])).toEqual([
      ['broken JSON', 2],
      ['no text field', 1],
      ['too long', 1],
    ])
  })

  it('reads what JSON.stringify writes, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: fc.string({ unit: 'binary' }), other: fc.jsonValue({ maxDepth: 2 }) }), {
          maxLength: 4,
        }),
        fc.integer({ min: 3, max: 40 }),
        async (records, chunkBytes) => {
          const { documents } = await readAll(slowSource('a.json', utf8(JSON.stringify(records)), chunkBytes))
          const expected = records.map(({ text }) => text.toWellFormed()).filter((text) => /\S/.test(text))
          expect(documents.map(({ text }) => text.toWellFormed())).toEqual(expected)
        },
      ),
      { numRuns: 80 },
    )
  })
})
