import { Decompress } from 'fzstd'
import { FormatError } from '../../base/index.ts'
import type { Compression } from './format.ts'

/**
 * What a host can do faster than what every browser has (`zlib` in Node). It has to give all that can be had of damaged
 * bytes before it throws, and to read files of several members or frames.
 */
export type DecompressStream = (
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
) => AsyncIterable<Uint8Array>

/**
 * Bytes of input that are decompressed at a time. What comes out of them is held in memory, and deflate makes at most 1032
 * times as much.
 */
const sliceBytes = 1 << 14

/**
 * The decompressed bytes: gzip by `DecompressionStream`, zstd by `fzstd`, which does not look at checksums. Everything
 * before a damage comes out before the error, but for what the host's decompressor holds back.
 *
 * @example
 * const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 0x11, 0, 0, 104, 105)
 * await Array.fromAsync(decompressed('zstd', memorySource('a.zst', frame).chunks())) // [[104, 105]]
 */
export const decompressed: DecompressStream = (compression, chunks) =>
  compression === 'gzip' ? gunzipped(sliced(chunks)) : unzstd(sliced(chunks))

async function* sliced(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += sliceBytes) yield chunk.subarray(at, at + sliceBytes)
  }
}

/** Input that is kept to look for the next member in: a host fails up to some buffers behind where a member ended. */
const keptBytes = 1 << 20

/**
 * A gzip file is a row of members (RFC 1952, section 2.2), and `DecompressionStream` reads one: it fails somewhere behind
 * it, and does not say where it ended. A member ends with the length of what is in it, so the next begins where its first
 * three bytes stand behind that length.
 */
async function* gunzipped(slices: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let member = new Gunzip()
  let length = 0
  let kept = new RecentBytes(keptBytes)
  try {
    let ended = false
    const iterator = slices[Symbol.asyncIterator]()
    while (!ended) {
      const { value, done } = await iterator.next()
      ended = done === true
      let rest: Uint8Array | undefined = ended ? undefined : value
      for (;;) {
        if (rest !== undefined) kept.push(rest)
        const { chunks, failure } = await (rest === undefined ? member.end() : member.push(rest))
        for (const chunk of chunks) length += chunk.length
        yield* chunks
        if (failure === undefined) break
        const seen = kept.bytes()
        const next = nextMember(seen, length)
        if (next < 0) throw failure
        await member.abort()
        member = new Gunzip()
        length = 0
        kept = new RecentBytes(keptBytes)
        rest = seen.slice(next)
        // The rest is in the new member now; what ended the old one early ends this one too.
        if (ended) {
          kept.push(rest)
          const pushed = await member.push(rest)
          for (const chunk of pushed.chunks) length += chunk.length
          yield* pushed.chunks
          rest = undefined
        }
      }
    }
  } finally {
    await member.abort()
  }
}

/** The last bytes of a stream. */
class RecentBytes {
  #chunks: Uint8Array[] = []
  #length = 0
  #most: number

  constructor(most: number) {
    this.#most = most
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    while (this.#length - this.#chunks[0].length >= this.#most) this.#length -= this.#chunks.shift()!.length
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length)
    let at = 0
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return bytes
  }
}

/** Where the member behind one of `length` bytes begins, or −1. */
function nextMember(bytes: Uint8Array, length: number): number {
  const size = length >>> 0
  for (let at = bytes.indexOf(0x1f, 4); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
    if (bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) continue
    const said = bytes[at - 4] | (bytes[at - 3] << 8) | (bytes[at - 2] << 16) | (bytes[at - 1] << 24)
    if (said >>> 0 === size) return at
  }
  return -1
}

/** One member. Reads at once whatever comes: an error empties the queue of a web stream, and what stood in it would be lost. */
class Gunzip {
  #waiting: Uint8Array[] = []
  #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>
  #reading: Promise<void>

  constructor() {
    const { readable, writable } = new DecompressionStream('gzip')
    this.#writer = writable.getWriter() as WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>
    this.#writer.closed.catch(() => {})
    this.#reading = (async () => {
      for await (const chunk of readable) this.#waiting.push(chunk)
    })()
    this.#reading.catch(() => {})
  }

  push(slice: Uint8Array): Promise<{ chunks: Uint8Array[]; failure?: unknown }> {
    return this.#after(this.#writer.write(slice as Uint8Array<ArrayBuffer>))
  }

  end(): Promise<{ chunks: Uint8Array[]; failure?: unknown }> {
    return this.#after(this.#writer.close().then(() => this.#reading))
  }

  async abort(): Promise<void> {
    await this.#writer.abort().catch(() => {})
  }

  async #after(work: Promise<void>): Promise<{ chunks: Uint8Array[]; failure?: unknown }> {
    let failure: unknown
    try {
      await work
    } catch (error) {
      failure = new FormatError(reasonOf(error), { cause: error })
      await this.#reading.catch(() => {})
    }
    return { chunks: this.#waiting.splice(0), failure }
  }
}

function reasonOf(error: unknown): string {
  const { message, code, cause } = error as { message?: string; code?: string; cause?: { message?: string } }
  return message || cause?.message || code || 'the bytes are not what gzip promises'
}

async function* unzstd(slices: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = []
  const stream = new Decompress((chunk) => {
    waiting.push(chunk)
  })
  let failure: unknown
  const push = (bytes: Uint8Array, final: boolean): Uint8Array[] => {
    try {
      stream.push(bytes, final)
    } catch (error) {
      failure = new FormatError((error as Error).message, { cause: error })
    }
    return waiting.splice(0).filter(({ length }) => length > 0)
  }
  for await (const slice of slices) {
    yield* push(slice, false)
    if (failure !== undefined) throw failure
  }
  yield* push(new Uint8Array(0), true)
  if (failure !== undefined) throw failure
}
