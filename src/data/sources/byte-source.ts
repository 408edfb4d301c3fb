import { DataError } from '../../base/index.ts'

/** Bytes with random access: a file, a URL, memory. */
export interface ByteSource {
  /** A path or a URL: documents are named after it. */
  readonly name: string
  /** Bytes in all; {@link unknownSize} when nobody knows before the end. */
  readonly size: number
  /** Bytes [start, end), fewer where the source ends. */
  read(start: number, end: number): Promise<Uint8Array>
  /** The same bytes one after another, some at a time, in little memory. A chunk belongs to whoever reads it. */
  chunks(start?: number, end?: number): AsyncIterable<Uint8Array>
}

/** The size of a source that is known only at its end; plain JSON, unlike infinity. */
export const unknownSize = Number.MAX_SAFE_INTEGER

const chunkBytes = 1 << 20

/**
 * Bytes that are in memory.
 *
 * @example
 * const source = memorySource('a.txt', Uint8Array.of(104, 105))
 * source.size // 2
 * await source.read(1, 2) // [105]
 */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
    async *chunks(start = 0, end = bytes.length) {
      const stop = Math.min(end, bytes.length)
      for (let at = start; at < stop; at += chunkBytes) yield bytes.subarray(at, Math.min(at + chunkBytes, stop))
    },
  }
}

/**
 * Bytes that come once and in order: standard input, the body of a response. Its beginning can be looked at before the
 * rest is read; it cannot be cut into parts, and holds no Parquet.
 *
 * @example
 * const source = streamSource('standard input', [Uint8Array.of(104), Uint8Array.of(105)])
 * await source.read(0, 1) // [104]
 * await Array.fromAsync(source.chunks()) // [[104], [105]]
 */
export function streamSource(name: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): ByteSource {
  const iterator = iterate(bytes)
  const waiting: Uint8Array[] = []
  let held = 0
  let started = false

  return {
    name,
    size: unknownSize,
    async read(start, end) {
      if (started) throw new DataError(`${name}: bytes that come once cannot be read again; save them to a file first`)
      while (held < end) {
        const { value, done } = await iterator.next()
        if (done) break
        waiting.push(value)
        held += value.length
      }
      const all = new Uint8Array(held)
      let at = 0
      for (const chunk of waiting) {
        all.set(chunk, at)
        at += chunk.length
      }
      return all.subarray(start, end)
    },
    async *chunks(start = 0) {
      if (started || start !== 0) {
        throw new DataError(
          `${name}: bytes that come once are read once, from the beginning; save them to a file first`,
        )
      }
      started = true
      yield* waiting.splice(0)
      for (;;) {
        const { value, done } = await iterator.next()
        if (done) return
        yield value
      }
    },
  }
}

async function* iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* items
}
