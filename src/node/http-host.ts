import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AlippeError } from '../base/index.ts'

export interface HostOptions {
  /** The address to listen at; this machine alone, 127.0.0.1, when not given. */
  readonly hostname?: string
  /** 0 takes one that is free; 8080 when not given. */
  readonly port?: number
}

/** A handler that can be reached over HTTP. */
export interface Host {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string
  /**
   * Takes no more connections, and waits until the requests that run have been answered.
   *
   * @param patienceMs after which connections that are still open are broken off; 10 seconds when not given
   */
  close(patienceMs?: number): Promise<void>
}

/**
 * Lets a handler of requests be reached over HTTP.
 *
 * @throws AlippeError (ALIPPE_HOST) when the address cannot be had
 *
 * @example
 * const host = await hostHandler(async () => new Response('here'), { port: 0 })
 * await (await fetch(host.url)).text() // 'here'
 * await host.close()
 */
export async function hostHandler(
  handler: (request: Request) => Promise<Response>,
  { hostname = '127.0.0.1', port = 8080 }: HostOptions = {},
): Promise<Host> {
  const { createAdaptorServer } = await import('@hono/node-server')
  const server = createAdaptorServer({ fetch: handler }) as Server
  server.headersTimeout = 20_000
  server.requestTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(error, hostname, port)))
    server.listen(port, hostname, resolve)
  })
  const { address, family, port: own } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${own}`,
    async close(patienceMs = 10_000) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), patienceMs)
      await closed
      clearTimeout(timer)
    },
  }
}

function refusal({ code, message }: NodeJS.ErrnoException, hostname: string, port: number): AlippeError {
  const place = `${hostname}:${port}`
  if (code === 'EADDRINUSE') {
    const fact = `cannot listen at ${place}: another program does`
    return new AlippeError('ALIPPE_HOST', `${fact}; stop it, or take another port with --port`)
  }
  if (code === 'EACCES')
    return new AlippeError('ALIPPE_HOST', `cannot listen at ${place}: not allowed; take a port from 1024 on`)
  return new AlippeError('ALIPPE_HOST', `cannot listen at ${place}: ${message}`)
}
