import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { authorizationFor, clip, NetworkError, type NetworkOptions } from './network.ts'
import { PassingFailure } from './retry.ts'

/** What a server answered after all redirects. Either the body is read to its end or the answer is discarded. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The address that answered. */
  readonly url: URL
  /** The hash that the hub gives beside its redirect for files of Git LFS. */
  readonly linkedSha256: string | undefined
  /** The bytes as they are sent; a connection that breaks or stalls is a {@link PassingFailure}. */
  readonly body: AsyncGenerator<Uint8Array>
  discard(): void
}

const mostRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])
/** Less in one `stallMs` is a stall, so that a server cannot hold us with a byte now and then. */
const leastBytes = 1024

/**
 * One GET, following redirects. No coding is asked for, so that bytes are those of the file.
 *
 * @throws PassingFailure for what may pass: a connection that is refused, breaks or stalls
 * @throws NetworkError for what will not: no such host, no valid certificate, no HTTP, redirects without end
 */
export async function request(
  address: string,
  headers: Readonly<Record<string, string>>,
  options: NetworkOptions,
  signal?: AbortSignal,
): Promise<Reply> {
  let url = new URL(address)
  let linkedSha256: string | undefined
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const authorization = authorizationFor(url, options)
    const sent = {
      'user-agent': 'alippe',
      accept: '*/*',
      'accept-encoding': 'identity',
      ...headers,
      ...(authorization && { authorization }),
    }
    const reply = await requestOnce(url, sent, options, signal)
    if (hops === 0) {
      linkedSha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(String(reply.headers['x-linked-etag'] ?? ''))?.[1]
    }
    const { location } = reply.headers
    if (!redirects.has(reply.status) || location === undefined) return { ...reply, linkedSha256 }
    reply.discard()
    const next = URL.parse(location, url)
    if (next === null || !/^https?:$/.test(next.protocol)) {
      throw new NetworkError(`cannot read ${address}: it redirects to ${clip(location)}, which is no web address`)
    }
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      const fact = `it redirects from https to plain http (${next.host}), where anybody could change the bytes`
      throw new NetworkError(`cannot read ${address}: ${fact}; name the http address itself if you trust it`)
    }
    url = next
  }
  throw new NetworkError(`cannot read ${address}: more than ${mostRedirects} redirects, the last to ${url.host}`)
}

async function requestOnce(
  url: URL,
  headers: Record<string, string>,
  { stallMs = 60_000 }: NetworkOptions,
  signal?: AbortSignal,
): Promise<Omit<Reply, 'linkedSha256'>> {
  let lately = 0
  // Loaded here: whoever opens a file that lies on this machine does not wait for them.
  const { get } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  const sent = get(url, { headers, signal })
  const timer = setInterval(() => {
    if (lately < leastBytes) sent.destroy(new Stall(`it sent almost nothing for ${stallMs / 1000} s`))
    lately = 0
  }, stallMs)
  let response: IncomingMessage
  try {
    response = await new Promise<IncomingMessage>((resolve, reject) => sent.on('response', resolve).on('error', reject))
  } catch (error) {
    clearInterval(timer)
    throw failureOf(url, error)
  }
  // An error may come when nobody reads any more; the one who reads gets it from the iterator.
  response.on('error', () => {})
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response) {
        lately += chunk.length
        yield chunk
      }
    } catch (error) {
      throw failureOf(url, error)
    } finally {
      discard()
    }
  }
  function discard(): void {
    clearInterval(timer)
    if (!response.complete) response.destroy()
  }
  return { status: response.statusCode ?? 0, headers: response.headers, url, body: body(), discard }
}

class Stall extends Error {}

const passing = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
])

function failureOf(url: URL, cause: unknown): Error {
  const { code = '', name, message } = cause as NodeJS.ErrnoException
  if (name === 'AbortError') return new NetworkError(`reading from ${url.host} was stopped`, { cause })
  if (cause instanceof Stall) return new PassingFailure(message, undefined, { cause })
  // A server that hangs up is a broken message to the parser, a reset to the socket.
  if (passing.has(code) || code === 'HPE_INVALID_EOF_STATE') {
    return new PassingFailure(`the connection to ${url.host} failed (${code})`, undefined, { cause })
  }
  if (code === 'ENOTFOUND') {
    const todo = 'check the spelling, and that this machine is online'
    return new NetworkError(`cannot read ${addressOf(url)}: there is no host ${url.hostname}; ${todo}`, { cause })
  }
  return new NetworkError(`cannot read ${addressOf(url)}: ${message}${code && ` (${code})`}`, { cause })
}

/** Without what a signed address carries in its query. */
function addressOf(url: URL): string {
  return url.origin + url.pathname
}
