import type { ByteSource } from './byte-source.ts'
import { type DecompressStream, decompressed } from './decompress.ts'
import type { Compression, Format } from './format.ts'

/** Bytes in order, decompressed, as UTF-8 where a byte order mark said that they are UTF-16. */
export interface ByteStream {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Set when the bytes ended early because the file is damaged: what went wrong. */
  readonly damage?: string
  /** Characters that were no UTF-16; each became U+FFFD. */
  readonly replaced?: number
}

/**
 * Opens [start, end) of a source. Damaged compression ends the stream and is told in `damage`; what a source itself throws
 * (a disk, a network) is thrown.
 */
export function openStream(
  source: ByteSource,
  { compression, encoding }: Format,
  { start = 0, end, decompress = decompressed }: { start?: number; end?: number; decompress?: DecompressStream },
): ByteStream {
  const stream: { chunks: AsyncIterable<Uint8Array>; damage?: string; replaced?: number } = {
    chunks: source.chunks(start, end),
  }
  if (compression !== undefined) stream.chunks = undoing(compression, stream.chunks, decompress, stream)
  if (encoding !== undefined) stream.chunks = fromUtf16(encoding, stream.chunks, stream)
  return stream
}

async function* undoing(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  decompress: DecompressStream,
  told: { damage?: string },
): AsyncGenerator<Uint8Array> {
  let sourceFailed = false
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks
    } catch (error) {
      sourceFailed = true
      throw error
    }
  }
  try {
    yield* decompress(compression, watched())
  } catch (error) {
    if (sourceFailed) throw error
    told.damage = `${compression}: ${(error as Error).message || 'the bytes are not what the format promises'}`
  }
}

async function* fromUtf16(
  encoding: 'utf-16le' | 'utf-16be',
  chunks: AsyncIterable<Uint8Array>,
  told: { replaced?: number },
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding)
  const encoder = new TextEncoder()
  const encoded = (text: string) => {
    for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) {
      told.replaced = (told.replaced ?? 0) + 1
    }
    return encoder.encode(text)
  }
  for await (const chunk of chunks) yield encoded(decoder.decode(chunk as Uint8Array<ArrayBuffer>, { stream: true }))
  yield encoded(decoder.decode())
}
