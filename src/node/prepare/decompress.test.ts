import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decompressed } from '../../data/sources/index.ts'
import { nodeDecompress } from './decompress.ts'

const compressors = { gzip: gzipSync, zstd: zstdCompressSync } as const
const kinds = ['gzip', 'zstd'] as const

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** What comes out, and whether it ended with an error. */
async function outOf(decompress: typeof nodeDecompress, kind: (typeof kinds)[number], bytes: Uint8Array, size = 1000) {
  const parts: Uint8Array[] = []
  try {
    for await (const part of decompress(kind, cut(bytes, size))) parts.push(part.slice())
    return { bytes: Buffer.concat(parts), failed: false }
  } catch {
    return { bytes: Buffer.concat(parts), failed: true }
  }
}

describe('nodeDecompress', () => {
  it.each(kinds)('gives back what was compressed by %s, of several members too', async (kind) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 5000 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 4000 }),
        async (parts, size) => {
          const bytes = Buffer.concat(parts.map((part) => compressors[kind](part)))
          const out = await outOf(nodeDecompress, kind, bytes, size)
          expect(out.failed).toBe(false)
          expect(out.bytes.equals(Buffer.concat(parts))).toBe(true)
        },
      ),
      { numRuns: 50 },
    )
  })

  it.each(kinds)('gives of a damaged file what comes before the damage, and then the error: %s', async (kind) => {
    const text = Buffer.from(
      Array.from({ length: 60_000 }, (_, i) => `${Math.imul(i, 2654435761) >>> 0} words\n`).join(''),
    )
    const whole = compressors[kind](text)
    const truncated = await outOf(nodeDecompress, kind, whole.subarray(0, whole.length >> 1))
    expect(truncated.failed).toBe(true)
    expect(truncated.bytes.length).toBeGreaterThan(text.length / 4)
    expect(text.subarray(0, truncated.bytes.length).equals(truncated.bytes)).toBe(true)
    expect((await outOf(nodeDecompress, kind, Buffer.from('no such format'))).failed).toBe(true)
    const ours = await outOf(decompressed, kind, whole.subarray(0, whole.length >> 1))
    expect(truncated.bytes.length).toBeGreaterThanOrEqual(Math.min(ours.bytes.length, text.length / 4))
  })
})
