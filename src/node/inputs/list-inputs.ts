import { createReadStream } from 'node:fs'
import { ConfigError, DataError } from '../../base/index.ts'
import type { StageReport } from '../../data/index.ts'
import { fileError } from '../files.ts'
import { defaultCacheFolder } from './cache-folder.ts'
import type { Input } from './input.ts'
import { listDataset } from './list-dataset.ts'
import { listPackages } from './list-packages.ts'
import { listPath } from './list-paths.ts'
import { listUrl } from './list-url.ts'
import { Listing } from './listing.ts'
import type { NetworkOptions } from './network.ts'
import { type ParsedName, parseName } from './parse-name.ts'
import { spool } from './spool.ts'

export interface ListOptions extends NetworkOptions {
  /** Where downloads and standard input are kept. Default: `defaultCacheFolder()`. */
  readonly cacheFolder?: string
  /** What `-` reads. Default: standard input. */
  readonly stdin?: AsyncIterable<Uint8Array>
}

/**
 * Finds everything that a user names. A name is
 *
 * - a file, a folder or a glob (`data/**\/*.jsonl`); hidden files and `node_modules` in it are left out;
 * - `http://…` or `https://…`, with `#sha256=…` when the bytes must be those and no others;
 * - `hf://datasets/OWNER/NAME[@REVISION][/PATH]`, or such an address copied from the browser;
 * - `node_modules`: what installed packages say to people;
 * - `-`: standard input, or the path of a pipe; it is written into the cache;
 *
 * and `NAME=` before it says what documents of it name as their source; otherwise that is the name itself.
 *
 * @returns the inputs in the order of names, each once, and a report of what was left out and why (stage `inputs`; a
 *   document is a file)
 * @throws DataError when a name leads to nothing
 * @throws FileError, NetworkError when what is named cannot be read
 * @throws ConfigError for a name that cannot be understood
 *
 * @example
 * const { inputs, report } = await listInputs(['docs', 'readme=README.md'])
 * inputs.map(({ name, source }) => `${source}: ${name}`) // ['docs: docs/cats.md', 'readme: README.md']
 * report.out.documents // 2
 */
export async function listInputs(
  names: readonly string[],
  options: ListOptions = {},
): Promise<{ inputs: Input[]; report: StageReport }> {
  const parsed = names.map((name) => parseName(name, options))
  if (parsed.filter(({ kind }) => kind === 'stdin').length > 1) {
    throw new ConfigError('standard input is named twice, and can be read only once; name - once')
  }
  const listing = new Listing()
  for (const name of parsed) await list(name, listing, options)
  if (listing.inputs.length === 0) throw new DataError(nothingFound(names, listing.report()))
  return { inputs: listing.inputs, report: listing.report() }
}

async function list(name: ParsedName, listing: Listing, options: ListOptions): Promise<void> {
  const { source } = name
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder(options.environment)
  const addSpooled = async (called: string, bytes: AsyncIterable<Uint8Array>) =>
    listing.add({ kind: 'spooled', name: called, source, ...(await spool(bytes, cacheFolder)) })
  switch (name.kind) {
    case 'stdin':
      return addSpooled('-', options.stdin ?? process.stdin)
    case 'packages':
      return listPackages(process.cwd(), source, listing)
    case 'url':
      return listing.add(await listUrl(name.url, source, name.sha256, cacheFolder, options))
    case 'dataset':
      return listDataset(name.address, source, name.sha256, listing, options)
    case 'path': {
      const found = await listPath(name.path, source, listing)
      if (found !== undefined) await addSpooled(found.pipe, readPipe(found.pipe))
    }
  }
}

async function* readPipe(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path)
  } catch (error) {
    throw fileError('read', path, error)
  }
}

function nothingFound(names: readonly string[], { dropped }: StageReport): string {
  const seen = Object.entries(dropped).map(([reason, { documents }]) => `${documents} ${reason}`)
  const found = seen.length > 0 ? `found only: ${seen.join(', ')}` : 'nothing is there'
  return `there is nothing to read in ${names.join(', ') || 'no names'} (${found}); name files, folders, globs or addresses`
}
