import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { readBytes } from '../testing.ts'

/** A file whose column has nulls: 300 values of which the first is one, so levels and indices are runs. */
function fileWithRuns(): Uint8Array {
  const data = Array.from({ length: 300 }, (_, i) => (i === 0 ? null : i % 2 === 0 ? 'even' : 'odd'))
  const text = Array.from({ length: 300 }, (_, i) => `text ${i}`)
  const columnData = [
    { name: 'kind', data, nullable: true },
    { name: 'text', data: text },
  ]
  return new Uint8Array(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED' }))
}

describe('pages', () => {
  it('that say they hold billions of values are refused at once', async () => {
    const good = fileWithRuns()
    expect((await readBytes('a.parquet', good)).documents.length).toBe(300)
    // Whatever byte of the first column is the beginning of a run: two billions of values there.
    const end = new TextDecoder('latin1').decode(good).indexOf('text 0')
    let damaged = 0
    for (let at = 4; at < end - 8; at++) {
      const bytes = good.slice()
      bytes.set([0xfe, 0xff, 0xff, 0xff, 0x0f], at)
      const started = performance.now()
      const { documents, report } = await readBytes('a.parquet', bytes)
      expect(performance.now() - started).toBeLessThan(2000)
      const lost = report.dropped['damaged rows']
      if (lost?.examples[0].why.includes('values in a page of 300')) damaged++
      expect(documents.length === 300 || lost !== undefined).toBe(true)
    }
    expect(damaged).toBeGreaterThan(0)
  })
})
