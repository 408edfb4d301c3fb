import type { IncomingHttpHeaders } from 'node:http'
import { authorizationFor, clip, NetworkError, type NetworkOptions } from './network.ts'
import type { Reply } from './request.ts'
import { PassingFailure } from './retry.ts'

/** What a status means: one that may pass, or one that will not and what to do. */
export function statusFailure(address: string, reply: Reply, options: NetworkOptions): Error {
  const { status, headers } = reply
  reply.discard()
  const said = headers['x-error-message']
  const fact = `the server answered ${status}${typeof said === 'string' ? ` (${clip(said)})` : ''}`
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new PassingFailure(fact, retryAfterMs(headers))
  }
  if (status === 401 || status === 403) {
    const hasToken = authorizationFor(new URL(address), options) !== undefined
    const todo = hasToken
      ? 'the token in HF_TOKEN gives no access to it'
      : 'it needs permission; for the hub, set HF_TOKEN'
    return new NetworkError(`cannot read ${address}: ${fact}; ${todo}`)
  }
  if (status === 404 || status === 410) return new NetworkError(`cannot read ${address}: ${fact}; nothing is there`)
  return new NetworkError(`cannot read ${address}: ${fact}, which is no answer to a request for a file`)
}

/** Seconds, or a date, which is held against the server's own clock. */
function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after']?.trim() ?? ''
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const wait = Date.parse(value) - Date.parse(headers.date ?? '')
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined
}
