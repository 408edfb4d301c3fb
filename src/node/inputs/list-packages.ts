import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { DataError } from '../../base/index.ts'
import { addFile } from './list-paths.ts'
import type { Listing } from './listing.ts'

const prose = /\.(md|mdx|markdown)$/i
const code = /\.[cm]?tsx?$/i
const readme = /^(readme|changelog|history)(\.(txt|rst|text))?$/i
/** Plain text counts as documentation where it lies in a folder that says so. */
const documentFolder = /^(docs?|documentation|guides?)$/i
const plain = /\.(txt|rst|adoc)$/i

/**
 * Lists what installed packages say to people: READMEs, documentation, Markdown, TypeScript and its declarations, from the
 * `node_modules` that is nearest to a folder, upwards. Packages that lie there under several names are listed once, links
 * that lead out of it (workspaces, whose files change) not at all. The order is that of names.
 *
 * @throws DataError when there is no node_modules with such files
 */
export async function listPackages(from: string, source: string, listing: Listing): Promise<void> {
  const root = await nearest(from)
  const before = listing.inputs.length
  await walk(root, relative(from, root) || '.', { root: await realpath(root), seen: new Set(), source, listing }, false)
  if (listing.inputs.length > before) return
  throw new DataError(`${root} holds no README, documentation or TypeScript; install packages there`)
}

async function nearest(from: string): Promise<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules')
    if ((await stat(candidate).catch(() => undefined))?.isDirectory()) return candidate
    if (dirname(folder) === folder) {
      throw new DataError(`there is no node_modules in ${from} nor above it; install packages, or name other inputs`)
    }
  }
}

interface Walk {
  /** Real path of the outermost node_modules. */
  readonly root: string
  /** Real paths of folders and files that were met. */
  readonly seen: Set<string>
  readonly source: string
  readonly listing: Listing
}

async function walk(folder: string, shown: string, context: Walk, isDocumentation: boolean): Promise<void> {
  const { source, listing } = context
  for (const entry of await entriesOf(folder, shown, listing)) {
    // Some package managers keep the packages themselves in a hidden folder.
    if (entry.name.startsWith('.') && entry.name !== '.pnpm') continue
    const path = join(folder, entry.name)
    const name = join(shown, entry.name)
    const isDocument = isDocumentation || documentFolder.test(entry.name)
    if (await isFolder(entry, path)) {
      if (await isNew(path, name, context)) await walk(path, name, context, isDocument)
    } else if (isWanted(entry.name, isDocumentation)) {
      if (await isNew(path, name, context)) await addFile(path, source, listing, name)
    }
  }
}

/** Whether a place is inside and was not met yet under another name, so that a circle ends. */
async function isNew(path: string, shown: string, { root, seen, listing }: Walk): Promise<boolean> {
  const real = await realpath(path).catch(() => path)
  if (seen.has(real)) return false
  seen.add(real)
  const isInside = real.startsWith(root + sep)
  if (!isInside && real !== root) listing.skip('linked', shown, 'it lies outside of node_modules')
  return isInside
}

function isWanted(name: string, isDocumentation: boolean): boolean {
  return prose.test(name) || code.test(name) || readme.test(name) || (isDocumentation && plain.test(name))
}

async function entriesOf(folder: string, shown: string, listing: Listing): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    listing.skip('unreadable', shown, (error as Error).message)
    return []
  })
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  )
}
