import { rm } from 'node:fs/promises'
import { DataError } from '../../base/index.ts'
import { verifiedSize } from './block-cache.ts'
import { fileBytes, isCoded } from './file-bytes.ts'
import { contentRange, versionOf } from './file-state.ts'
import type { Input } from './input.ts'
import type { NetworkOptions } from './network.ts'
import { type Reply, request } from './request.ts'
import { withRetries } from './retry.ts'
import { spool, spoolPath } from './spool.ts'
import { statusFailure } from './status-failure.ts'

/**
 * Learns size and version of a file of the web, by asking for its first byte. Where a server says neither how long the
 * file is nor what version it has, the only way to know is to have it: it is loaded whole into the cache, under its hash.
 * What is pinned by a hash and lies whole in the cache is not asked for at all.
 *
 * @throws NetworkError when it cannot be had
 * @throws DataError when it had to be loaded, and has another hash than was asked for
 */
export async function listUrl(
  url: string,
  source: string,
  sha256: string | undefined,
  cacheFolder: string,
  options: NetworkOptions,
): Promise<Input> {
  if (sha256 !== undefined) {
    const version = `sha256:${sha256}`
    const size = await verifiedSize(cacheFolder, { url, version, sha256 })
    if (size !== undefined) return { kind: 'url', name: url, source, url, size, version, sha256 }
  }
  return withRetries(
    url,
    async () => {
      const reply = await request(url, { range: 'bytes=0-0' }, options)
      const size = sizeOf(reply)
      const known = sha256 ?? reply.linkedSha256
      const version = known === undefined ? versionOf(reply) : `sha256:${known}`
      if (![200, 206, 416].includes(reply.status) || (reply.status === 416 && size === undefined)) {
        throw statusFailure(url, reply, options)
      }
      reply.discard()
      if (size !== undefined && version !== undefined) {
        const input = { kind: 'url', name: url, source, url, size, version } as const
        return known === undefined ? input : { ...input, sha256: known }
      }
      return spoolUrl({ url, name: url, source, sha256: known }, cacheFolder, options)
    },
    options,
  )
}

/** Loads a file whole into the cache, under its hash. */
export async function spoolUrl(
  file: { readonly url: string; readonly name: string; readonly source: string; readonly sha256?: string },
  cacheFolder: string,
  options: NetworkOptions,
): Promise<Input> {
  const { url, name, source } = file
  return withRetries(
    url,
    async () => {
      const reply = await request(url, {}, options)
      if (reply.status !== 200) throw statusFailure(url, reply, options)
      const { size, sha256 } = await spool(fileBytes(url, reply), cacheFolder)
      if (sha256 === (file.sha256 ?? sha256)) return { kind: 'spooled', name, source, size, sha256, url }
      await rm(spoolPath(cacheFolder, sha256), { force: true })
      const fact = `its bytes hash to ${sha256}, and ${file.sha256} was expected`
      throw new DataError(
        `${url} is not the file that was asked for: ${fact}; list the inputs again, or correct the hash`,
      )
    },
    options,
  )
}

/** The length of the whole file, when the server says it. */
function sizeOf(reply: Reply): number | undefined {
  if (isCoded(reply)) return undefined
  if (reply.status === 206) return contentRange(reply)?.total
  // An empty file has no first byte.
  if (reply.status === 416) return /^bytes \*\/0$/.test(reply.headers['content-range'] ?? '') ? 0 : undefined
  const length = Number(reply.headers['content-length'] ?? Number.NaN)
  return reply.status === 200 && Number.isSafeInteger(length) && length >= 0 ? length : undefined
}
