import { createHash, type Hash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError, readRange, writeAtomically } from '../files.ts'
import { removeFolder } from '../folders.ts'
import { isContentVersion } from './file-state.ts'
import type { UrlInput } from './input.ts'

/** What a cached file is, beside its blocks. */
interface Description {
  readonly url: string
  readonly size: number
  readonly version: string
  readonly sha256?: string
  readonly blockBytes: number
  /** All blocks are there, and together they hash to what they must. */
  readonly verified: boolean
}

type Cached = Pick<UrlInput, 'url' | 'size' | 'version' | 'sha256'>

const hashed = (...words: string[]) => createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 24)

/**
 * The beginning of a folder's name; size and length of blocks follow, so that a folder never holds blocks of two kinds.
 * Bytes that are known by their hash are the same under every path of a server; otherwise each version of an address has
 * its own folder, so that versions cannot be mixed.
 */
function nameOf({ url, version, sha256 }: Omit<Cached, 'size'>): string {
  const content = sha256 === undefined ? version : `sha256:${sha256}`
  if (isContentVersion(content)) return `content-${hashed(new URL(url).origin, content)}-`
  return `${addressName(url)}${hashed(version)}-`
}

const addressName = (url: string) => `url-${hashed(url)}-`
const remoteFolder = (cacheFolder: string) => join(cacheFolder, 'remote')

/**
 * The blocks of a remote file that are on the disk, each in a file of its own that is there whole or not at all. So several
 * processes may fill one cache, and a killed one leaves nothing half.
 */
export class BlockCache {
  readonly folder: string
  readonly blocks: number
  #description: Description
  /** All blocks before this one were there when last looked at. */
  #firstUnsure = 0

  private constructor(folder: string, description: Description) {
    this.folder = folder
    this.#description = description
    this.blocks = Math.ceil(description.size / description.blockBytes)
  }

  /** Opens the cache of a file. What was kept of other versions of its address is removed. */
  static async open(cacheFolder: string, file: Cached, blockBytes: number): Promise<BlockCache> {
    const { url, size, version, sha256 } = file
    const folder = join(remoteFolder(cacheFolder), `${nameOf(file)}${size}-${blockBytes}`)
    const kept = await readDescription(folder)
    const cache = new BlockCache(folder, { url, size, version, sha256, blockBytes, verified: kept?.verified ?? false })
    if (kept !== undefined) return cache
    await mkdir(folder, { recursive: true }).catch((error) => {
      throw fileError('make the folder', folder, error)
    })
    await removeOthers(cacheFolder, url, folder)
    await cache.#describe(false)
    return cache
  }

  get isVerified(): boolean {
    return this.#description.verified
  }

  /** Bytes [start, end) of the file that block `index` holds. */
  rangeOf(index: number): { start: number; end: number } {
    const { blockBytes, size } = this.#description
    return { start: index * blockBytes, end: Math.min((index + 1) * blockBytes, size) }
  }

  async has(index: number): Promise<boolean> {
    const { start, end } = this.rangeOf(index)
    const info = await stat(this.#path(index)).catch(() => undefined)
    return info?.size === end - start
  }

  /** A part of a block that is there. */
  read(index: number, offset: number, length: number): Promise<Uint8Array> {
    return readRange(this.#path(index), offset, length)
  }

  async write(index: number, bytes: Uint8Array): Promise<void> {
    // A block that got lost is loaded again, and then nothing is known of the whole any more.
    if (this.isVerified) await this.#describe(false)
    try {
      await writeAtomically(this.#path(index), bytes)
    } catch (error) {
      // Another process may have written it, and cleaned up while we wrote.
      if (!(await this.has(index))) throw error
    }
  }

  async isComplete(): Promise<boolean> {
    let index = this.#firstUnsure
    while (index < this.blocks && (await this.has(index))) index++
    this.#firstUnsure = index
    return index === this.blocks
  }

  /** Feeds all blocks, in order, to a hash. */
  async digest(hash: Hash): Promise<string> {
    for (let index = 0; index < this.blocks; index++) {
      const { start, end } = this.rangeOf(index)
      hash.update(await this.read(index, 0, end - start))
    }
    return hash.digest('hex')
  }

  /** Notes that the file is whole and right; blocks that killed processes left half are removed. */
  async markVerified(): Promise<void> {
    await this.#describe(true)
    for (const name of await readdir(this.folder)) {
      if (/^\.\d+\.block\..*\.tmp$/.test(name)) await rm(join(this.folder, name), { force: true })
    }
  }

  remove(): Promise<void> {
    return removeFolder(this.folder)
  }

  #path(index: number): string {
    return join(this.folder, `${index}.block`)
  }

  async #describe(verified: boolean): Promise<void> {
    this.#description = { ...this.#description, verified }
    await writeAtomically(join(this.folder, 'file.json'), new TextEncoder().encode(JSON.stringify(this.#description)))
  }
}

/** The size of a file that was loaded whole and verified, if it was. */
export async function verifiedSize(cacheFolder: string, file: Omit<Cached, 'size'>): Promise<number | undefined> {
  const beginning = nameOf(file)
  for (const name of await readdir(remoteFolder(cacheFolder)).catch(() => [])) {
    if (!name.startsWith(beginning)) continue
    const kept = await readDescription(join(remoteFolder(cacheFolder), name))
    if (kept?.verified) return kept.size
  }
  return undefined
}

/** A description that is missing or broken is none; then the blocks are verified again. */
async function readDescription(folder: string): Promise<Pick<Description, 'size' | 'verified'> | undefined> {
  const path = join(folder, 'file.json')
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return 'null'
    throw fileError('read', path, error)
  })
  try {
    const { size, verified } = JSON.parse(text)
    return Number.isSafeInteger(size) && size >= 0 && typeof verified === 'boolean' ? { size, verified } : undefined
  } catch {
    return undefined
  }
}

/** Other versions of an address are of no use once there is a new one. */
async function removeOthers(cacheFolder: string, url: string, own: string): Promise<void> {
  for (const name of await readdir(remoteFolder(cacheFolder))) {
    const folder = join(remoteFolder(cacheFolder), name)
    if (name.startsWith(addressName(url)) && folder !== own) await removeFolder(folder)
  }
}
