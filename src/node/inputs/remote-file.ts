import { createHash } from 'node:crypto'
import { DataError } from '../../base/index.ts'
import { BlockCache } from './block-cache.ts'
import type { UrlInput } from './input.ts'
import type { NetworkOptions } from './network.ts'
import { clampRange, type OpenInput } from './open-source.ts'
import { RangeDownload } from './range-download.ts'
import { WholeDownload } from './whole-download.ts'

/** Bytes that are asked for at once, and lie in one file of the cache. */
export const defaultBlockBytes = 8 << 20
/** Blocks that are loaded at the same time; it bounds the memory. */
const mostLoading = 4
const chunkBytes = 1 << 20

export interface RemoteFileOptions extends NetworkOptions {
  /** Default 8 MiB. */
  readonly blockBytes?: number
}

/**
 * A file behind HTTP. Only the blocks that are read are loaded, each once: they stay in the cache, for other processes and
 * the next run too. Where the hash of the file is known, it is checked as soon as all blocks are there, before the last
 * one is given out.
 */
export class RemoteFile implements OpenInput {
  readonly name: string
  readonly size: number
  readonly #file: UrlInput
  readonly #cache: BlockCache
  readonly #options: NetworkOptions
  readonly #stop = new AbortController()
  readonly #ranges: RangeDownload
  #whole: WholeDownload | undefined
  /** Blocks on their way, by index. */
  readonly #loading = new Map<number, Promise<void>>()
  #busy = 0
  readonly #queue: (() => void)[] = []
  #verifying: Promise<void> | undefined

  private constructor(file: UrlInput, cache: BlockCache, options: NetworkOptions) {
    this.name = file.name
    this.size = file.size
    this.#file = file
    this.#cache = cache
    this.#options = options
    this.#ranges = new RangeDownload(file, options, this.#stop.signal)
  }

  /** Asks the network for nothing yet. */
  static async open(file: UrlInput, cacheFolder: string, options: RemoteFileOptions): Promise<RemoteFile> {
    const cache = await BlockCache.open(cacheFolder, file, options.blockBytes ?? defaultBlockBytes)
    return new RemoteFile(file, cache, options)
  }

  /**
   * @throws NetworkError when bytes cannot be had, or are of another state of the file than was listed
   * @throws DataError when all are there and their hash is wrong; the cache of the file is removed then
   */
  async read(start: number, end: number): Promise<Uint8Array> {
    const range = clampRange(this.size, start, end)
    const bytes = new Uint8Array(range.end - range.start)
    const parts: Promise<void>[] = []
    for (const { index, from, to } of this.#cut(range)) {
      const offset = this.#cache.rangeOf(index).start
      const fill = async () => bytes.set(await this.#blockPart(index, from - offset, to - from), from - range.start)
      parts.push(fill())
    }
    await Promise.all(parts)
    return bytes
  }

  async *chunks(start = 0, end = this.size): AsyncGenerator<Uint8Array> {
    const pieces = [...this.#cut(clampRange(this.size, start, end))]
    for (const [i, { index, from, to }] of pieces.entries()) {
      await this.#ensure(index)
      // The next block is loaded while this one is worked on. Its error is met when it is its turn.
      if (i + 1 < pieces.length) this.#ensure(pieces[i + 1].index).catch(() => {})
      const offset = this.#cache.rangeOf(index).start
      for (let at = from; at < to; at += chunkBytes) {
        yield await this.#blockPart(index, at - offset, Math.min(chunkBytes, to - at))
      }
    }
  }

  /** Stops what is being loaded; the blocks that are there stay. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled([...this.#loading.values(), this.#whole?.finished, this.#verifying])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The blocks of a range, and what of the file each gives to it. */
  *#cut({ start, end }: { start: number; end: number }): Generator<{ index: number; from: number; to: number }> {
    const blockBytes = this.#cache.rangeOf(0).end
    for (let at = start; at < end; ) {
      const index = Math.floor(at / blockBytes)
      const to = Math.min(this.#cache.rangeOf(index).end, end)
      yield { index, from: at, to }
      at = to
    }
  }

  async #blockPart(index: number, offset: number, length: number): Promise<Uint8Array> {
    await this.#ensure(index)
    return this.#cache.read(index, offset, length)
  }

  /** Resolves when the block is in the cache and, were it the last one, the whole file is what it must be. */
  async #ensure(index: number): Promise<void> {
    await this.#verifying
    if (!(await this.#cache.has(index))) {
      let loading = this.#loading.get(index)
      if (loading === undefined) {
        loading = this.#load(index).finally(() => this.#loading.delete(index))
        this.#loading.set(index, loading)
      }
      await loading
    }
    if (!this.#cache.isVerified && (await this.#cache.isComplete())) await (this.#verifying ??= this.#verify())
  }

  async #load(index: number): Promise<void> {
    if (this.#whole === undefined) {
      const { start, end } = this.#cache.rangeOf(index)
      const loaded = await this.#inTurn(() => this.#ranges.load(start, end))
      if (loaded instanceof Uint8Array) return this.#cache.write(index, loaded)
      if (this.#whole === undefined) this.#beginWhole(loaded)
      else loaded.discard()
    }
    await this.#whole!.block(index)
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    while (this.#busy >= mostLoading) await new Promise<void>((resolve) => this.#queue.push(resolve))
    this.#busy++
    try {
      return await work()
    } finally {
      this.#busy--
      this.#queue.shift()?.()
    }
  }

  #beginWhole(first: ConstructorParameters<typeof WholeDownload>[2]): void {
    const whole = new WholeDownload(this.#file, this.#cache, first, this.#options, this.#stop.signal)
    this.#whole = whole
    // After an error the next one to read tries again.
    whole.finished.then(() => {
      if (this.#whole === whole) this.#whole = undefined
    })
  }

  async #verify(): Promise<void> {
    const { url, size, version, sha256 } = this.#file
    const git = /^git:([0-9a-f]{40})$/.exec(version)?.[1]
    const expected = sha256 ?? git
    // A blob of Git is hashed with a header before it.
    const hash = sha256 !== undefined ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`)
    const got = expected === undefined ? undefined : await this.#cache.digest(hash)
    if (got === expected) return this.#cache.markVerified()
    await this.#cache.remove()
    const fact = `its bytes hash to ${got}, and ${expected} was expected`
    throw new DataError(
      `${url} is not the file that was asked for: ${fact}; it was removed from the cache, so try again or correct the hash`,
    )
  }
}
