import type { ByteSource } from './byte-source.ts'
import { openStream } from './byte-stream.ts'
import { type Format, formatOf } from './format.ts'
import type { CutOptions } from './read-options.ts'

/** Bytes of a file that are looked at before it is read. */
const headBytes = 1 << 16
/** Decompressed bytes of it that are kept. */
const mostHead = 1 << 18

export interface FileHead {
  readonly format: Format
  /** The beginning, decompressed, as UTF-8. */
  readonly bytes: Uint8Array
  /** These are all bytes of the file. */
  readonly isAll: boolean
}

/** What a file is, and its beginning; the same for every part of it. */
export async function readHead(source: ByteSource, options: CutOptions & { encoding?: string }): Promise<FileHead> {
  const raw = await source.read(0, headBytes)
  const outer = formatOf(source.name, raw)
  let { kind, compression, encoding, binary } = outer
  if (options.format !== undefined) [kind, binary] = [options.format, undefined]
  if (/^utf-?16(le|be)?$/i.test(options.encoding ?? '')) {
    encoding = /be$/i.test(options.encoding!) ? 'utf-16be' : 'utf-16le'
    if (binary !== undefined) [kind, binary] = [formatOf(source.name, new Uint8Array(0)).kind, undefined]
  }
  let bytes = raw
  if (compression !== undefined) {
    bytes = await undone(raw, { kind, compression }, options)
    const inner = formatOf(withoutCompression(source.name), bytes)
    if (options.format === undefined && binary === undefined) [kind, binary] = [inner.kind, inner.binary]
    encoding ??= inner.encoding
  }
  if (encoding !== undefined) bytes = await undone(bytes, { kind, encoding }, options)
  const format: Format = { kind, compression, encoding, binary }
  const isPlain = compression === undefined && encoding === undefined
  return { format, bytes: bytes.subarray(0, mostHead), isAll: isPlain && raw.length >= source.size }
}

function withoutCompression(name: string): string {
  return name.replace(/[?#].*$/s, '').replace(/\.(gz|gzip|zst|zstd)$/i, '')
}

/** The beginning of a file, decompressed or decoded; that it ends early does not matter. */
async function undone(raw: Uint8Array, format: Format, { decompress }: CutOptions): Promise<Uint8Array> {
  async function* once(): AsyncGenerator<Uint8Array> {
    yield raw
  }
  const source: ByteSource = { name: '', size: raw.length, read: async () => raw, chunks: once }
  const all = new Uint8Array(mostHead)
  let length = 0
  for await (const chunk of openStream(source, format, { decompress }).chunks) {
    all.set(chunk.subarray(0, mostHead - length), length)
    length = Math.min(length + chunk.length, mostHead)
    if (length === mostHead) break
  }
  return all.subarray(0, length)
}
