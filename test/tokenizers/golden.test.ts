import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTokenizerJson, writeTokenizerJson } from '../../src/tokenizers/index.ts'

/** What Hugging Face's tokenizers make of a text; golden/make.py wrote it down. Offsets count code points. */
interface Row {
  readonly text: string
  readonly pair?: string
  readonly ids: readonly number[]
  readonly offsets: readonly number[]
  readonly words: readonly number[]
  readonly types?: readonly number[]
  readonly decoded: string
}
interface Kind {
  readonly kind: string
  readonly tokenizer: { readonly model: string }
  readonly rows: readonly Row[]
}

const lines: (Kind | { readonly name: string; readonly model: object })[] = readFileSync(
  join(import.meta.dirname, 'golden/golden.jsonl'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
const models = new Map(lines.flatMap((line) => ('model' in line ? [[line.name, line.model]] : [])))
const kinds = lines.filter((line) => 'kind' in line)

describe.each(kinds)('a tokenizer as of $kind', ({ tokenizer, rows }) => {
  const json = JSON.stringify({ ...tokenizer, model: models.get(tokenizer.model) })
  const read = readTokenizerJson(json)

  it.each(rows.map((row) => [row.text, row] as const))('encodes %j with offsets, and decodes', (text, row) => {
    const options = { allowSpecials: true, addSpecials: true, pair: row.pair } as const
    const encoding = read.encoding(text, { ...options, offsets: 'codePoints' })
    expect([...encoding.ids]).toEqual(row.ids)
    expect([...encoding.ids.keys()].flatMap((i) => [encoding.starts[i], encoding.ends[i]])).toEqual(row.offsets)
    expect([...encoding.words]).toEqual(row.words)
    if (row.types) expect([...encoding.typeIds]).toEqual(row.types)
    expect([...read.encode(text, options)]).toEqual(row.ids)
    expect(read.decode(row.ids)).toBe(row.decoded)
  })

  it('comes back from its own file', () => {
    const written = writeTokenizerJson(read)
    const again = readTokenizerJson(written)
    expect(writeTokenizerJson(again)).toBe(written)
    for (const { text, pair, ids } of rows) {
      expect([...again.encode(text, { allowSpecials: true, addSpecials: true, pair })]).toEqual(ids)
    }
  })
})
