import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

/** A file that the server has. */
export interface Served {
  readonly bytes: Uint8Array
  readonly etag?: string
  readonly modified?: string
  /** Whether parts can be asked for. Default true. */
  readonly ranges?: boolean
  /** Says no length, as programs do that make the bytes as they go. */
  readonly chunked?: boolean
  readonly gzip?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** How one answer goes wrong. */
export interface Trouble {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Closes the connection after so many bytes of the body. */
  readonly cutAfter?: number
  /** Sends these bytes of the file whatever was asked for. */
  readonly range?: readonly [number, number]
  /** Sends nothing any more after so many bytes, and keeps the connection. */
  readonly stallAfter?: number
  readonly body?: string
  /** Runs when the request comes. */
  readonly meanwhile?: () => void
}

export interface Seen {
  readonly path: string
  readonly range: string | undefined
  readonly headers: IncomingMessage['headers']
}

/** A server on loopback that misbehaves by plan, for tests: the next trouble of the plan goes to the next request. */
export async function startServer() {
  const files = new Map<string, Served>()
  const plan: (Trouble | undefined)[] = []
  const requests: Seen[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push({ path, range: request.headers.range, headers: request.headers })
    const trouble = plan.shift() ?? {}
    trouble.meanwhile?.()
    const file = files.get(path)
    if (trouble.status !== undefined && trouble.body !== undefined) {
      response.writeHead(trouble.status, trouble.headers).end(trouble.body)
    } else if (file === undefined) response.writeHead(404).end('not here')
    else answer(request, response, file, trouble)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    /** The same server under another name, which is another host to a client. */
    otherUrl: `http://localhost:${port}`,
    files,
    plan,
    requests,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(request: IncomingMessage, response: ServerResponse, file: Served, trouble: Trouble): void {
  const { bytes, etag, modified, ranges = true, chunked = false, gzip = false } = file
  const headers: Record<string, string> = {
    ...(etag !== undefined && { etag }),
    ...(modified !== undefined && { 'last-modified': modified }),
    ...file.headers,
  }
  const asked = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  const validator = request.headers['if-range']
  const isSame = validator === undefined || validator === etag || (etag === undefined && validator === modified)
  let body = bytes
  let status = 200
  if (ranges && asked !== null && isSame) {
    const start = Number(asked[1])
    const end = Math.min(Number(asked[2]) + 1, bytes.length)
    status = start >= bytes.length ? 416 : 206
    body = status === 416 ? new Uint8Array() : bytes.subarray(start, end)
    headers['content-range'] = status === 416 ? `bytes */${bytes.length}` : `bytes ${start}-${end - 1}/${bytes.length}`
  }
  if (trouble.range !== undefined) body = bytes.subarray(...trouble.range)
  if (gzip) {
    body = gzipSync(body)
    headers['content-encoding'] = 'gzip'
  }
  if (!chunked) headers['content-length'] = String(body.length)
  response.writeHead(trouble.status ?? status, { ...headers, ...trouble.headers })
  const most = trouble.cutAfter ?? trouble.stallAfter
  if (most === undefined) response.end(body)
  else if (trouble.stallAfter !== undefined) response.write(body.subarray(0, most))
  else if (most === 0) response.destroy()
  else response.write(body.subarray(0, most), () => setTimeout(() => response.destroy(), 5))
}
