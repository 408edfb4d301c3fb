import { NetworkError } from './network.ts'
import type { Reply } from './request.ts'

/** What a server says of the state of a file: the ETag, else the date of the last change. */
export function versionOf({ headers }: Pick<Reply, 'headers'>): string | undefined {
  const version = headers.etag ?? headers['last-modified']
  return version !== undefined && version.length <= 1000 ? version : undefined
}

/** Whether the version says what the bytes are, so that no server needs to be asked whether they are still the same. */
export function isContentVersion(version: string): boolean {
  return /^(sha256|git):/.test(version)
}

/** The header that lets a server send a part only of this state of the file. A weak ETag may not be used for that. */
export function ifRange(version: string): { 'if-range'?: string } {
  return isContentVersion(version) || version.startsWith('W/') ? {} : { 'if-range': version }
}

/**
 * Holds an answer against the state that was listed.
 *
 * @throws NetworkError when the server now has something else
 */
export function checkState(
  reply: Reply,
  expected: { readonly url: string; readonly version: string; readonly sha256?: string },
): void {
  const { url, version, sha256 } = expected
  const changed = (was: string, is: string) => {
    reply.discard()
    const fact = `it changed since it was listed: it was ${was}, now it is ${is}`
    return new NetworkError(`cannot read ${url}: ${fact}; list the inputs again, so that all parts are of one state`)
  }
  const { linkedSha256 } = reply
  if (sha256 !== undefined && linkedSha256 !== undefined && sha256 !== linkedSha256) throw changed(sha256, linkedSha256)
  const now = versionOf(reply)
  if (isContentVersion(version) || now === undefined) return
  const isEtag = /^(W\/)?"/
  // One server of several may leave the ETag out; a date says nothing about an ETag.
  if (isEtag.test(version) !== isEtag.test(now)) return
  if (now.replace(/^W\//, '') !== version.replace(/^W\//, '')) throw changed(version, now)
}

/** `bytes 0-99/1234` in numbers; the total is undefined when the server does not know it. */
export function contentRange(
  reply: Pick<Reply, 'headers'>,
): { start: number; end: number; total: number | undefined } | undefined {
  const [, first, last, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(reply.headers['content-range'] ?? '') ?? []
  if (first === undefined || Number(last) < Number(first)) return undefined
  return { start: Number(first), end: Number(last) + 1, total: total === '*' ? undefined : Number(total) }
}
