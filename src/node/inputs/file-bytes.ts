import { pipeline, Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { clip, NetworkError } from './network.ts'
import type { Reply } from './request.ts'
import { PassingFailure } from './retry.ts'

/** Whether the server packed the bytes although it was asked not to. */
export function isCoded({ headers, url }: Reply): boolean {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (coding === 'identity' || coding === '') return false
  // Some servers call a file that is gzip itself coded; its bytes are what was asked for.
  return !(/^(x-)?gzip$/.test(coding) && /\.t?gz(ip)?$/i.test(url.pathname))
}

/** The bytes of the file, unpacked where the server packed them. */
export async function* fileBytes(address: string, reply: Reply): AsyncGenerator<Uint8Array> {
  if (!isCoded(reply)) return yield* reply.body
  const coding = reply.headers['content-encoding']!.trim().toLowerCase()
  const makers: Readonly<Record<string, () => Transform>> = {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  }
  if (!Object.hasOwn(makers, coding)) {
    reply.discard()
    throw new NetworkError(`cannot read ${address}: the server packs it as ${clip(coding)}, which was not asked for`)
  }
  yield* through(reply.body, makers[coding]())
}

/** An error of the body passes through; one of the packing is as good as a broken connection. */
async function* through(body: AsyncIterable<Uint8Array>, unpack: Transform): AsyncGenerator<Uint8Array> {
  pipeline(Readable.from(body), unpack, () => {})
  try {
    for await (const chunk of unpack) yield chunk
  } catch (error) {
    if (error instanceof PassingFailure || error instanceof NetworkError) throw error
    const fact = `what the server packed cannot be unpacked (${(error as Error).message})`
    throw new PassingFailure(fact, undefined, { cause: error })
  }
}
