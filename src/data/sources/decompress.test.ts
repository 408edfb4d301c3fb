import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decompressed } from './decompress.ts'
import type { Compression } from './format.ts'
import { readAll, readBytes, slowSource, utf8 } from './testing.ts'
import { whole } from './text-pieces.ts'

const compress = { gzip: gzipSync, zstd: zstdCompressSync }
const extension = { gzip: 'gz', zstd: 'zst' }
const both: readonly Compression[] = ['gzip', 'zstd']

/** Lines whose compressed form is long, too. */
const lines = (count: number) => Array.from({ length: count }, (_, i) => `${(i * 7919) % 100_003} қазақ`)
const jsonl = (count: number) =>
  lines(count)
    .map((text) => `${JSON.stringify({ text })}\n`)
    .join('')
const concat = (...parts: Uint8Array[]) => whole(parts)

async function undo(compression: Compression, bytes: Uint8Array, chunkBytes: number): Promise<string> {
  const out = await Array.fromAsync(decompressed(compression, slowSource('', bytes, chunkBytes).chunks()))
  return new TextDecoder().decode(concat(...out))
}

describe.each(both)('%s', (compression) => {
  const pack = (text: string): Uint8Array => new Uint8Array(compress[compression](utf8(text)))

  it('is undone, however the bytes come', async () => {
    const text = lines(20_000).join('\n')
    for (const chunkBytes of [777, 1 << 20]) expect(await undo(compression, pack(text), chunkBytes)).toBe(text)
    expect(await undo(compression, pack(''), 5)).toBe('')
  })

  it('may have several members', async () => {
    const texts = ['', 'a', 'a', lines(9000).join(), 'b', '', lines(3000).join(' ')]
    const bytes = concat(...texts.map(pack))
    for (const chunkBytes of [100, 1 << 20]) expect(await undo(compression, bytes, chunkBytes)).toBe(texts.join(''))
  })

  it('is found by its bytes, and read as what the name says', async () => {
    const { documents } = await readBytes(
      `a.jsonl.${extension[compression]}`,
      pack('{"text": "Hi"}\n{"text": "you"}\n'),
    )
    expect(documents.map(({ id, text }) => [id, text])).toEqual([
      [`a.jsonl.${extension[compression]}@0`, 'Hi'],
      [`a.jsonl.${extension[compression]}@15`, 'you'],
    ])
    expect((await readBytes('a.txt', pack('plain'))).documents[0].text).toBe('plain')
    expect((await readBytes('a', pack('<!doctype html><p>x'))).report.dropped['no main text'].documents).toBe(1)
  })

  it('that ends early gives what came before, and is counted', async () => {
    const count = 10_000
    const whole = pack(jsonl(count))
    for (const end of [whole.length - 1, whole.length >> 1, 30]) {
      const { documents, report } = await readBytes('a.jsonl.gz', whole.subarray(0, end))
      const expected = lines(count)
      expect(documents.map(({ text }) => text)).toEqual(expected.slice(0, documents.length))
      // A block or a buffer may wait for its end: at most 128 KiB of zstd (RFC 8878, section 3.1.1.2).
      const least = Math.floor((end / whole.length) * count) - (1 << 17) / 20 - 200
      expect(documents.length).toBeGreaterThanOrEqual(least)
      expect(report.dropped['damaged file'].documents).toBe(1)
      expect(report.dropped['damaged file'].examples[0].why).toContain(compression)
      expect(report.in.documents).toBe(documents.length + 1)
    }
  })

  it('with something else behind it is damaged', async () => {
    const { documents, report } = await readBytes('a.txt.gz', concat(pack('text'), utf8('junk junk junk')))
    expect(documents).toEqual([])
    expect(report.dropped['damaged file'].examples[0]).toMatchObject({ id: 'a.txt.gz@0', excerpt: 'text' })
  })

  it('is undone by the host where it can', async () => {
    const asked: string[] = []
    const { documents } = await readBytes('a.txt', pack('by us'), {
      async *decompress(kind) {
        asked.push(kind)
        yield utf8('by the host')
      },
    })
    expect(documents[0].text).toBe('by the host')
    // Once for the head, once for the file.
    expect(asked).toEqual([compression, compression])
  })

  it('passes on what the source throws', async () => {
    const bytes = pack(jsonl(30_000))
    const source = slowSource('a.jsonl.gz', bytes, 1000)
    const { chunks } = source
    source.chunks = async function* (start, end) {
      let left = 3
      for await (const chunk of chunks(start, end)) {
        if (left-- === 0) throw new Error('the disk is gone')
        yield chunk
      }
    }
    await expect(readAll(source)).rejects.toThrow('the disk is gone')
  })
})

it('gzip with a flipped bit is damaged', async () => {
  const bytes = new Uint8Array(gzipSync(utf8(jsonl(30_000))))
  bytes[bytes.length >> 1] ^= 0x10
  const { documents, report } = await readBytes('a.jsonl.gz', bytes, { wrongSchema: 'drop' })
  expect(documents.length).toBeGreaterThan(10_000)
  expect(report.dropped['damaged file'].documents).toBe(1)
})

it('gzip of very much of the same takes little memory', async () => {
  const bytes = new Uint8Array(gzipSync(new Uint8Array(120 * 2 ** 20).fill(97)))
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  let length = 0
  for await (const chunk of decompressed('gzip', slowSource('', bytes, 1 << 20).chunks())) {
    if (length >> 22 !== (length + chunk.length) >> 22) most = Math.max(most, process.memoryUsage().arrayBuffers)
    length += chunk.length
  }
  expect(length).toBe(120 * 2 ** 20)
  // 1032 times the 16 KiB that go in at once, and buffers of the host that are as large.
  expect(most - before).toBeLessThan(80 * 2 ** 20)
})
