import { isCoded } from './file-bytes.ts'
import { checkState, contentRange, ifRange } from './file-state.ts'
import type { UrlInput } from './input.ts'
import { NetworkError, type NetworkOptions } from './network.ts'
import { type Reply, request } from './request.ts'
import { PassingFailure, withRetries } from './retry.ts'
import { statusFailure } from './status-failure.ts'

/** So many new bytes in one attempt count as progress: a connection that always breaks early still ends the attempts. */
const progressBytes = 64 << 10

/**
 * Loads ranges of one remote file. After a broken connection it goes on with the next byte that is missing. Where requests
 * are redirected, the address that answered is asked directly from then on, for as long as it answers.
 */
export class RangeDownload {
  readonly #file: UrlInput
  readonly #options: NetworkOptions
  readonly #signal: AbortSignal
  #direct: string | undefined

  constructor(file: UrlInput, options: NetworkOptions, signal: AbortSignal) {
    this.#file = file
    this.#options = options
    this.#signal = signal
  }

  /**
   * Bytes [start, end) of the file; or the answer, unread, when the server sent the whole file instead.
   *
   * @throws NetworkError when they cannot be had, or the file is another than was listed
   */
  async load(start: number, end: number): Promise<Uint8Array | Reply> {
    const bytes = new Uint8Array(end - start)
    let got = 0
    return withRetries(
      this.#file.url,
      async () => {
        const began = got
        try {
          while (got < bytes.length) {
            const before = got
            const reply = await this.#ask(start + got, end)
            if (reply.status === 200 || (reply.status === 206 && isCoded(reply))) return this.#wholeOf(reply)
            const upTo = this.#check(reply, start + got, end) - start
            for await (const chunk of reply.body) {
              if (chunk.length > upTo - got) throw this.#refuse('it sent more bytes than it said')
              bytes.set(chunk, got)
              got += chunk.length
            }
            // A server may give less than was asked for, but it has to come to an end.
            if (got < bytes.length && got - before < progressBytes) {
              throw new PassingFailure(`it sent ${got - before} of ${bytes.length - before} bytes`)
            }
          }
          return bytes
        } catch (error) {
          if (error instanceof PassingFailure) error.progressed = got - began >= progressBytes
          throw error
        }
      },
      this.#options,
      this.#signal,
    )
  }

  async #ask(start: number, end: number): Promise<Reply> {
    const { url, version } = this.#file
    const headers = { range: `bytes=${start}-${end - 1}`, ...ifRange(version) }
    const address = this.#direct ?? url
    this.#direct = undefined
    let reply = await request(address, headers, this.#options, this.#signal)
    // A signed address is good for some minutes only; then the first one gives another.
    if (reply.status >= 400 && address !== url) {
      reply.discard()
      reply = await request(url, headers, this.#options, this.#signal)
    }
    if (reply.status === 206 && reply.url.href !== url) this.#direct = reply.url.href
    return reply
  }

  /** Returns where the bytes that it sends end. */
  #check(reply: Reply, start: number, end: number): number {
    if (reply.status === 416) {
      reply.discard()
      throw this.#refuse(`it has no byte ${start} any more, of ${this.#file.size}`)
    }
    if (reply.status !== 206) throw statusFailure(this.#file.url, reply, this.#options)
    checkState(reply, this.#file)
    const range = contentRange(reply)
    const { size } = this.#file
    if (range?.start === start && range.end <= end && (range.total ?? size) === size) return range.end
    reply.discard()
    const asked = `bytes ${start}-${end - 1}/${size}`
    const got = reply.headers['content-range'] ?? 'no Content-Range'
    throw this.#refuse(`it was asked for ${asked} and answered ${JSON.stringify(got.slice(0, 200))}`)
  }

  /** A packed part is no part of the file, so the whole is asked for. */
  async #wholeOf(reply: Reply): Promise<Reply> {
    if (reply.status === 200) return reply
    reply.discard()
    return request(this.#file.url, {}, this.#options, this.#signal)
  }

  #refuse(fact: string): NetworkError {
    return new NetworkError(
      `cannot read ${this.#file.url}: ${fact}; list the inputs again, or load the file by other means`,
    )
  }
}
