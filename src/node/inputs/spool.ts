import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError, syncFolder, writeAtomically } from '../files.ts'

/** Where bytes of this hash lie in the cache. */
export function spoolPath(cacheFolder: string, sha256: string): string {
  return join(cacheFolder, 'spool', sha256)
}

let spooled = 0

/**
 * Writes a stream into the cache under the hash of its bytes, so that it can be read more than once and from any place.
 *
 * @throws FileError when the disk refuses; what the stream throws passes through, and nothing is left then
 */
export async function spool(
  chunks: AsyncIterable<Uint8Array>,
  cacheFolder: string,
): Promise<{ size: number; sha256: string }> {
  const folder = join(cacheFolder, 'spool')
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw fileError('make the folder', folder, error)
  })
  await removeLeftovers(folder)
  const hash = createHash('sha256')
  let size = 0
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  const coming = join(folder, `coming-${process.pid}-${spooled++}`)
  await writeAtomically(coming, hashed())
  const sha256 = hash.digest('hex')
  await rename(coming, spoolPath(cacheFolder, sha256))
  await syncFolder(folder)
  return { size, sha256 }
}

/** Nobody has written for so long to a file that is still being written. */
const abandonedMs = 24 * 60 * 60 * 1000

/** Removes what killed processes left half; they may have been large. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\.?coming-/.test(name)) continue
    const info = await stat(join(folder, name)).catch(() => undefined)
    if (info !== undefined && info.mtimeMs < Date.now() - abandonedMs) await rm(join(folder, name), { force: true })
  }
}
