import type { BlockCache } from './block-cache.ts'
import { fileBytes, isCoded } from './file-bytes.ts'
import { checkState } from './file-state.ts'
import type { UrlInput } from './input.ts'
import { NetworkError, type NetworkOptions } from './network.ts'
import { type Reply, request } from './request.ts'
import { PassingFailure, withRetries } from './retry.ts'
import { statusFailure } from './status-failure.ts'

/**
 * Streams a file of a server that gives no parts into the blocks of its cache, from the first to the last. When the
 * connection breaks, it begins again.
 */
export class WholeDownload {
  readonly #file: UrlInput
  readonly #cache: BlockCache
  readonly #options: NetworkOptions
  readonly #signal: AbortSignal
  /** Those who wait for a block, by its index. */
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>()
  /** Blocks that were written; they are a beginning of the file. */
  #written = 0
  /** Settles when all blocks are written; it never rejects, those who wait get the error. */
  readonly finished: Promise<void>
  #failure: unknown

  /** @param first an answer with the whole file that is there already */
  constructor(file: UrlInput, cache: BlockCache, first: Reply, options: NetworkOptions, signal: AbortSignal) {
    this.#file = file
    this.#cache = cache
    this.#options = options
    this.#signal = signal
    let reply: Reply | undefined = first
    const attempt = async () => {
      const current = reply ?? (await request(file.url, {}, options, signal))
      reply = undefined
      await this.#load(current)
    }
    this.finished = withRetries(file.url, attempt, options, signal).catch((error) => {
      this.#failure = error
      for (const { reject } of this.#waiting.values()) reject(error)
    })
  }

  /** Resolves when block `index` lies in the cache. */
  block(index: number): Promise<void> {
    if (index < this.#written) return Promise.resolve()
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const waiting = this.#waiting.get(index) ?? Promise.withResolvers<void>()
    this.#waiting.set(index, waiting)
    return waiting.promise
  }

  async #load(reply: Reply): Promise<void> {
    const { url, size } = this.#file
    if (reply.status !== 200) throw statusFailure(url, reply, this.#options)
    checkState(reply, this.#file)
    const announced = reply.headers['content-length']
    if (announced !== undefined && !isCoded(reply) && Number(announced) !== size) {
      reply.discard()
      throw this.#refuse(`it has ${announced} bytes now`)
    }
    let index = 0
    let filled = 0
    let block = new Uint8Array(this.#lengthOf(0))
    for await (let chunk of fileBytes(url, reply)) {
      while (chunk.length > 0) {
        // A full block is kept when more comes, so that the last one is not, before the stream ends where it has to.
        if (filled === block.length) {
          if (index >= this.#cache.blocks - 1) throw this.#refuse('it has more bytes')
          await this.#keep(index++, block)
          block = new Uint8Array(this.#lengthOf(index))
          filled = 0
        }
        const taken = chunk.subarray(0, block.length - filled)
        block.set(taken, filled)
        filled += taken.length
        chunk = chunk.subarray(taken.length)
      }
      if (this.#signal.aborted) throw new NetworkError(`reading ${url} was stopped`)
    }
    if (filled < block.length) {
      const { start } = this.#cache.rangeOf(index)
      throw new PassingFailure(`it ended after ${start + filled} of ${size} bytes`)
    }
    if (size > 0) await this.#keep(index, block)
  }

  #refuse(fact: string): NetworkError {
    const { url, size } = this.#file
    return new NetworkError(`cannot read ${url}: ${fact}, and ${size} were listed; list the inputs again`)
  }

  #lengthOf(index: number): number {
    const { start, end } = this.#cache.rangeOf(index)
    return Math.max(0, end - start)
  }

  async #keep(index: number, block: Uint8Array): Promise<void> {
    if (index < this.#written) return
    if (!(await this.#cache.has(index))) await this.#cache.write(index, block)
    this.#written = index + 1
    this.#waiting.get(index)?.resolve()
    this.#waiting.delete(index)
  }
}
