import { constants } from 'node:fs'
import { access, glob, readdir, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { DataError } from '../../base/index.ts'
import { fileError } from '../files.ts'
import type { Listing } from './listing.ts'
import { fileVersion } from './local-file.ts'
import { comparePaths, isGlob } from './path-order.ts'

/**
 * Lists a file, a folder or a glob. Folders are walked in the order of names; hidden files and folders and `node_modules`
 * are left out and counted, except what is named itself. A link to a file is that file; a link to a folder could lead in a
 * circle, and is left out.
 *
 * @returns a path that is named itself and can be read only once, such as a pipe
 * @throws DataError when nothing is there
 * @throws FileError for a named file that cannot be read
 */
export async function listPath(path: string, source: string, listing: Listing): Promise<{ pipe: string } | undefined> {
  const info = await stat(path).catch((error) => {
    if (error.code === 'ENOENT' && isGlob(path)) return undefined
    if (error.code === 'ENOENT') throw new DataError(`${path} does not exist`, { cause: error })
    throw fileError('read', path, error)
  })
  if (info === undefined) return listGlob(path, source, listing)
  if (info.isDirectory()) {
    const before = listing.inputs.length
    await walk(path, source, listing)
    if (listing.inputs.length === before) listing.skip('nothing in it', path, 'a folder without files to read')
  } else if (info.isFile()) {
    await access(path, constants.R_OK).catch((error) => {
      throw fileError('read', path, error)
    })
    await addFile(path, source, listing)
  } else if (info.isFIFO() || info.isSocket()) return { pipe: path }
  else throw new DataError(`${path} is a device; give a file, a folder or a pipe`)
  return undefined
}

/** A glob finds what is hidden only where it says the dot itself; the same is done for node_modules. */
async function listGlob(pattern: string, source: string, listing: Listing): Promise<undefined> {
  const names = pattern.split(/[/\\]/)
  const isLeftOut = (path: string) => !names.includes('node_modules') && path.split(sep).includes('node_modules')
  const found: string[] = []
  let leftOut = false
  for await (const path of glob(pattern, { exclude: (path) => isLeftOut(path) && (leftOut = true) })) {
    if (!isLeftOut(path)) found.push(path)
  }
  if (leftOut) listing.skip('left out', pattern, 'node_modules lies in it; name node_modules to read packages')
  if (found.length === 0) throw new DataError(`${pattern} matches no file`)
  for (const path of found.sort(comparePaths)) await listFound(path, source, listing, names.includes('**'))
}

/** A folder that a glob finds is walked, unless the glob itself goes into folders. */
async function listFound(path: string, source: string, listing: Listing, isDeep: boolean): Promise<void> {
  const info = await stat(path).catch(() => undefined)
  if (!info?.isDirectory()) await addFile(path, source, listing)
  else if (!isDeep) await walk(path, source, listing)
}

async function walk(folder: string, source: string, listing: Listing): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    listing.skip('unreadable', folder, fileError('read', folder, error).message)
    return []
  })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) listing.skip('hidden', path, 'its name begins with a dot')
    else if (!entry.isDirectory()) await addFile(path, source, listing)
    else if (entry.name !== 'node_modules') await walk(path, source, listing)
    else listing.skip('left out', path, 'installed packages; name node_modules to read them')
  }
}

/** Adds a file, or counts why it is none or cannot be read. */
export async function addFile(path: string, source: string, listing: Listing, name = path): Promise<void> {
  try {
    const info = await stat(path, { bigint: true })
    const size = Number(info.size)
    if (!info.isFile()) return listing.skip('not a file', path, 'a link to a folder, a pipe or a device')
    await access(path, constants.R_OK)
    listing.add({ kind: 'file', name, source, path, size, version: fileVersion(info) })
  } catch (error) {
    listing.skip('unreadable', path, fileError('read', path, error).message)
  }
}
