import { FormatError } from '../../base/index.ts'
import { fileBytes } from './file-bytes.ts'
import type { NetworkOptions } from './network.ts'
import { request } from './request.ts'
import { withRetries } from './retry.ts'
import { statusFailure } from './status-failure.ts'

/** A page of the hub has some hundred kilobytes. */
const mostBytes = 32 << 20

/** Asks the Hugging Face hub for JSON; `link` is the header that names the next page. */
export function hubJson(url: string, options: NetworkOptions): Promise<{ json: unknown; link: string | undefined }> {
  return withRetries(
    url,
    async () => {
      const reply = await request(url, {}, options)
      if (reply.status !== 200) throw statusFailure(url, reply, options)
      const chunks: Uint8Array[] = []
      let size = 0
      for await (const chunk of fileBytes(url, reply)) {
        size += chunk.length
        if (size > mostBytes) throw new FormatError(`${url} gives more than ${mostBytes} bytes for a list`)
        chunks.push(chunk)
      }
      const { link } = reply.headers
      try {
        return { json: JSON.parse(Buffer.concat(chunks).toString()), link: Array.isArray(link) ? link[0] : link }
      } catch (error) {
        throw new FormatError(`${url} gives no JSON; is HF_ENDPOINT a Hugging Face hub?`, { cause: error })
      }
    },
    options,
  )
}

/**
 * The address of the next page in a Link header (RFC 8288), or undefined.
 *
 * @throws FormatError when it lies on another host, which has no business with our token
 *
 * @example
 * nextPage('<https://a.kz/list?cursor=2>; rel="next"', 'https://a.kz/list') // 'https://a.kz/list?cursor=2'
 */
export function nextPage(link: string | undefined, page: string): string | undefined {
  for (const [, target, parameters] of (link ?? '').matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (!/;\s*rel="?next"?\s*(?:[;,]|$)/i.test(parameters)) continue
    const next = URL.parse(target, page)
    if (next?.origin === new URL(page).origin) return next.href
    throw new FormatError(`${page} goes on at ${target.slice(0, 200)}, which is another host`)
  }
  return undefined
}
