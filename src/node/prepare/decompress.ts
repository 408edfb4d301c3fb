import { once } from 'node:events'
import { createZstdDecompress } from 'node:zlib'
import { type DecompressStream, decompressed } from '../../data/sources/index.ts'

/**
 * zstd by what Node brings, which is several times as fast as what every host has, and looks at checksums; gzip as
 * everywhere. Files of several frames are read to their end. Everything that comes out before a damage is given before
 * the error.
 */
export const nodeDecompress: DecompressStream = (compression, chunks) =>
  compression === 'zstd' ? unzstd(chunks) : decompressed(compression, chunks)

async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createZstdDecompress()
  // Iterating the stream itself would lose what it holds when it fails.
  const ready: Uint8Array[] = []
  let failure: Error | undefined
  let ended = false
  stream.on('data', (bytes: Uint8Array) => ready.push(bytes))
  stream.on('error', (error) => (failure = error))
  stream.on('end', () => (ended = true))
  try {
    for await (const chunk of chunks) {
      const isTaken = stream.write(chunk.slice()) // the chunk's memory may be used again before it is read
      if (!isTaken && failure === undefined) await either(stream, 'drain')
      yield* ready.splice(0)
      if (failure !== undefined) throw failure
    }
    stream.end()
    while (!ended && failure === undefined) {
      await either(stream, 'end')
      yield* ready.splice(0)
    }
    yield* ready.splice(0)
    if (failure !== undefined) throw failure
  } finally {
    stream.destroy()
  }
}

/** Waits for an event, or for the end of all events. */
async function either(stream: NodeJS.EventEmitter, event: string): Promise<void> {
  const over = new AbortController()
  const wait = (name: string) => once(stream, name, { signal: over.signal }).catch(() => {})
  await Promise.race([wait(event), wait('close'), wait('error')])
  over.abort()
}
