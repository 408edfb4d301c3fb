import { posix } from 'node:path'
import { DataError, FormatError } from '../../base/index.ts'
import type { DatasetAddress } from './dataset-address.ts'
import { hubJson, nextPage } from './hub.ts'
import type { Listing } from './listing.ts'
import { hubEndpoint, type NetworkOptions } from './network.ts'
import { comparePaths, isGlob } from './path-order.ts'

/** One file of a repository, as the hub lists it. */
export interface HubEntry {
  readonly path: string
  readonly size: number
  /** SHA-1 of the Git blob. */
  readonly oid: string
  /** For files of Git LFS: the hash of the bytes. */
  readonly sha256?: string
}

/**
 * Lists files of a dataset of the Hugging Face hub, in the order of paths. A branch is resolved to its commit, so that all
 * files are of one state however long it takes to read them. When no path is given, the card of the dataset (README.md)
 * and hidden files are left out.
 *
 * @param sha256 the hash of the file, when one file is named
 * @throws NetworkError when the hub cannot be asked, or does not have it
 * @throws DataError when nothing matches, or the hash is another
 */
export async function listDataset(
  address: DatasetAddress,
  source: string,
  sha256: string | undefined,
  listing: Listing,
  options: NetworkOptions,
): Promise<void> {
  const { dataset, revision, path } = address
  const endpoint = hubEndpoint(options)
  const commit = await commitOf(`${endpoint}/api/datasets/${dataset}`, revision, options)
  const shown = `hf://datasets/${dataset}${revision === undefined ? '' : `@${revision}`}`
  const entries = await find(`${endpoint}/api/datasets/${dataset}/tree/${commit}`, path, options)
  if (entries.length === 0) throw new DataError(`${shown}/${path} matches no file of the dataset`)
  if (sha256 !== undefined && entries.length > 1) {
    throw new DataError(`${shown}/${path} matches ${entries.length} files, so one sha256 cannot be right`)
  }
  for (const entry of entries.sort((a, b) => comparePaths(a.path, b.path))) {
    const name = `${shown}/${entry.path}`
    const below = isGlob(path) ? entry.path : entry.path.slice(path.length)
    const isHidden = below.split('/').some((step) => step.startsWith('.')) && !/(^|\/)\./.test(path)
    if (isHidden) listing.skip('hidden', name, 'its name or that of a folder begins with a dot', entry.size)
    else if (path === '' && /^(README\.md|dataset_infos\.json)$/.test(entry.path)) {
      listing.skip('left out', name, 'it describes the dataset; name it to read it', entry.size)
    } else {
      if (sha256 !== undefined && sha256 !== (entry.sha256 ?? sha256)) {
        throw new DataError(`${name}: the hub says its sha256 is ${entry.sha256}, and ${sha256} was expected`)
      }
      const url = `${endpoint}/datasets/${dataset}/resolve/${commit}/${encodePath(entry.path)}`
      const known = sha256 ?? entry.sha256
      const { size } = entry
      if (known === undefined) listing.add({ kind: 'url', name, source, url, size, version: `git:${entry.oid}` })
      else listing.add({ kind: 'url', name, source, url, size, version: `sha256:${known}`, sha256: known })
    }
  }
}

/** The commit that a branch or a tag means now. @param api address of the repository in the hub's interface */
export async function commitOf(api: string, revision = 'main', options: NetworkOptions = {}): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(revision)) return revision
  const url = `${api}/revision/${encodeURIComponent(revision)}`
  const { json } = await hubJson(url, options)
  const sha = (json as { sha?: unknown } | null)?.sha
  if (typeof sha === 'string' && /^[0-9a-f]{40}$/.test(sha)) return sha
  throw new FormatError(`${url} names no commit; is HF_ENDPOINT a Hugging Face hub?`)
}

/** The files that a path means: itself, those below it, or those that a glob matches. */
async function find(tree: string, path: string, options: NetworkOptions): Promise<HubEntry[]> {
  if (path === '') return filesBelow(tree, '', true, options)
  if (isGlob(path)) {
    const steps = path.split('/')
    const fixed = steps.slice(0, steps.findIndex(isGlob))
    const isDeep = path.includes('**') || steps.length > fixed.length + 1
    const below = await filesBelow(tree, fixed.join('/'), isDeep, options)
    return below.filter((entry) => entry.path === path || posix.matchesGlob(entry.path, path))
  }
  // The hub lists folders only, so a file is found in its own.
  const parent = posix.dirname(path) === '.' ? '' : posix.dirname(path)
  const beside = await filesBelow(tree, parent, false, options)
  const file = beside.find((entry) => entry.path === path)
  return file === undefined ? filesBelow(tree, path, true, options) : [file]
}

/** Files below a folder of a commit. @param tree address of the commit's tree in the hub's interface */
export async function filesBelow(
  tree: string,
  folder: string,
  isDeep: boolean,
  options: NetworkOptions,
): Promise<HubEntry[]> {
  const files: HubEntry[] = []
  const seen = new Set<string>()
  let page: string | undefined = `${tree}${folder && `/${encodePath(folder)}`}?recursive=${isDeep}&expand=false`
  while (page !== undefined) {
    seen.add(page)
    const { json, link } = await hubJson(page, options)
    if (!Array.isArray(json))
      throw new FormatError(`${page} gives no list of files; is HF_ENDPOINT a Hugging Face hub?`)
    for (const item of json) {
      const entry = readEntry(item, page)
      if (entry !== undefined) files.push(entry)
    }
    page = nextPage(link, page)
    if (page !== undefined && seen.has(page)) throw new FormatError(`${page} comes twice in the list of files`)
  }
  return files
}

/** A file as the hub describes it; undefined for a folder. */
function readEntry(item: unknown, page: string): HubEntry | undefined {
  const { type, path, size, oid, lfs } = (item ?? {}) as Record<string, unknown>
  if (type !== 'file') return undefined
  const isPath = typeof path === 'string' && !path.split('/').some((step) => /^\.{0,2}$/.test(step))
  const isSize = Number.isSafeInteger(size) && (size as number) >= 0
  if (!isPath || !isSize || typeof oid !== 'string' || !/^[0-9a-f]{40}$/.test(oid)) {
    throw new FormatError(
      `${page}: a file of the list is ${JSON.stringify(item).slice(0, 200)}; path, size or oid is wrong`,
    )
  }
  const entry = { path, size: size as number, oid }
  const sha256 = (lfs as { oid?: unknown } | undefined)?.oid
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? { ...entry, sha256 } : entry
}

export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
