import { describe, expect, it } from 'vitest'
import { frontMatter } from './front-matter.ts'
import { readAll, readBytes, slowSource, utf8 } from './testing.ts'

const texts = (documents: readonly { text: string }[]) => documents.map(({ text }) => text)

describe('plain text', () => {
  it('is one document', async () => {
    const { documents, report } = await readBytes('a/b.txt', '\ufeffСәлем,\r\nworld\n')
    expect(documents).toEqual([{ id: 'a/b.txt', text: 'Сәлем,\r\nworld\n', source: 'test', meta: {} }])
    expect(report.out).toEqual({ documents: 1, bytes: 19 })
  })

  it('is several when it is large, cut at line ends', async () => {
    const text = 'first line\nsecond line is longer\nthird\n'
    const { documents } = await readBytes('a.txt', text, { pieceBytes: 16 })
    // Line ends lie behind 11, 33 and 39. Behind 16 the first is too far (24 and less would do), so it is cut there.
    expect(documents.map(({ id, meta }) => [id, meta])).toEqual([
      ['a.txt@0', { part: 0 }],
      ['a.txt@16', { part: 1 }],
      ['a.txt@33', { part: 2 }],
    ])
    expect(texts(documents).join('')).toBe(text)
  })

  it('is never cut within a character', async () => {
    const text = 'қ'.repeat(100)
    const { documents } = await readBytes('a.txt', text, { pieceBytes: 17 })
    expect(texts(documents).join('')).toBe(text)
    expect(documents.length).toBe(12)
  })

  it('is split by lines, blank lines and separators', async () => {
    const text = 'one\r\n\r\ntwo\nthree\n \t\nfour'
    const read = async (split: 'line' | 'blank line') =>
      (await readBytes('a.txt', text, { split })).documents.map(({ id, text }) => [id, text])
    expect(await read('line')).toEqual([
      ['a.txt@0', 'one'],
      ['a.txt@7', 'two'],
      ['a.txt@11', 'three'],
      ['a.txt@20', 'four'],
    ])
    expect(await read('blank line')).toEqual([
      ['a.txt@0', 'one'],
      ['a.txt@7', 'two\nthree'],
      ['a.txt@20', 'four'],
    ])
    const { documents } = await readBytes('a.txt', 'a<|end|>b\n<|end|>', { split: { separator: '<|end|>' } })
    expect(documents.map(({ id, text }) => [id, text])).toEqual([
      ['a.txt@0', 'a'],
      ['a.txt@8', 'b\n'],
    ])
  })

  it('is UTF-16 where a byte order mark says so', async () => {
    const text = 'Қазақ 🐫'
    const little = new Uint8Array(2 + 2 * text.length)
    const big = new Uint8Array(2 + 2 * text.length)
    ;[0xfeff, ...Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))].forEach((unit, i) => {
      new DataView(little.buffer).setUint16(2 * i, unit, true)
      new DataView(big.buffer).setUint16(2 * i, unit, false)
    })
    for (const bytes of [little, big]) {
      for (const chunkBytes of [1, 3, 100]) {
        expect(texts((await readAll(slowSource('a.txt', bytes, chunkBytes))).documents)).toEqual([text])
      }
    }
  })

  it('is of another encoding when that is said', async () => {
    const bytes = Uint8Array.of(0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2)
    expect(texts((await readBytes('a.txt', bytes, { encoding: 'windows-1251' })).documents)).toEqual(['Привет'])
    const { documents, report } = await readBytes('a.txt', bytes)
    expect(documents).toEqual([])
    expect(report.dropped['holds no text'].examples[0].why).toContain('6 of 6 bytes are not UTF-8')
    await expect(readBytes('a.txt', bytes, { encoding: 'klingon' })).rejects.toThrow('encoding klingon is not known')
  })

  it('keeps a text with a few wrong bytes, and counts them', async () => {
    const bytes = utf8(`${'a'.repeat(50)}?${'b'.repeat(50)}`)
    bytes[50] = 0xff
    const { documents, report } = await readBytes('a.txt', bytes)
    expect(documents[0].text).toBe(`${'a'.repeat(50)}\ufffd${'b'.repeat(50)}`)
    expect(report.changed['not UTF-8']).toMatchObject({ documents: 1, bytes: 1 })
  })

  it('is no text with a NUL byte, at the beginning or far behind', async () => {
    for (const at of [3, 100_000]) {
      const bytes = new Uint8Array(100_001).fill(97)
      bytes[at] = 0
      const { documents, report } = await readBytes('a.txt', bytes)
      expect(documents).toEqual([])
      expect(report.dropped['holds no text']).toMatchObject({ documents: 1, bytes: 100_001 })
    }
  })

  it('is nothing when there is nothing', async () => {
    for (const text of ['', '\ufeff', ' \n\n']) {
      const { documents, report } = await readBytes('a.txt', text)
      expect(documents).toEqual([])
      expect(report.dropped.empty.documents).toBe(1)
    }
  })

  it('drops what is longer than memory allows, and goes on', async () => {
    const text = `one\n${'x'.repeat(50)}\nthree\n\n${'y\n'.repeat(20)}\nend`
    for (const split of ['line', 'blank line'] as const) {
      const { documents, report } = await readBytes('a.txt', text, { split, longestRecord: 30 })
      expect(documents.at(-1)?.text).toBe('end')
      expect(report.dropped['too long'].examples[0].why).toContain('at most 30')
      expect(report.in.documents).toBe(split === 'line' ? 24 : 3)
    }
  })
})

describe('Markdown', () => {
  it('gives its front matter to meta and stays as it is', async () => {
    const text =
      '---\ntitle: "Абай: өлеңдер"\nyear: 1896\ntags:\n  - poet\n  - kk\ndraft: false\nnested:\n  x: 1\n---\n\n# Head\n\n- *a*\n'
    const { documents, report } = await readBytes('a.md', text)
    expect(documents[0].text).toBe('# Head\n\n- *a*\n')
    expect(documents[0].meta).toEqual({ title: 'Абай: өлеңдер', year: 1896, tags: ['poet', 'kk'], draft: false })
    expect(report.out.bytes).toBe(14)
  })

  it('has none without an end, or elsewhere', () => {
    for (const text of ['---\ntitle: a\n', '----\na: b\n---\n', 'x\n---\na: b\n---\n']) {
      expect(frontMatter(text)).toEqual({ meta: {}, body: text })
    }
    expect(frontMatter('---\n---\nText')).toEqual({ meta: {}, body: 'Text' })
    expect(Object.keys(frontMatter('---\n__proto__: 1\n---\n').meta)).toEqual(['__proto__'])
  })

  it('is quick about hostile front matter', () => {
    for (const line of ['a:'.repeat(30_000), `- ${'"'.repeat(60_000)}`, ' '.repeat(60_000), '[,'.repeat(30_000)]) {
      const started = performance.now()
      frontMatter(`---\n${line}\n---\n`)
      expect(performance.now() - started).toBeLessThan(500)
    }
  })
})
