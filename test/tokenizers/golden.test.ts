import { describe, expect, it } from 'vitest'
import { readTokenizerJson, writeTokenizerJson } from '../../src/tokenizers/index.ts'
import { goldenKinds } from './golden/read-golden.ts'

describe.each(goldenKinds)('a tokenizer as of $kind', ({ tokenizer, rows }) => {
  const read = readTokenizerJson(JSON.stringify(tokenizer))

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
