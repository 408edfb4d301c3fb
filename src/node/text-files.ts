import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../base/index.ts'
import {
  collectText,
  decodeDocument,
  emptyNotes,
  invalidUtf8Bytes,
  type TextNotes,
  type TextPart,
  type TextStream,
} from '../data/index.ts'
import { fileError } from './files.ts'

export interface TextFileOptions {
  /** Which files of a folder are read, by path; all that hold text when absent. */
  readonly include?: (path: string) => boolean
  /** Names of folders that are left out. Default `['node_modules']`; hidden ones (`.git`) always are. */
  readonly skipFolders?: readonly string[]
}

/**
 * The text of files and folders, as a stream of documents: a document is a file, its id is the path. Folders are walked in
 * the order of their names. What holds no text, is hidden, or cannot be read is left out and counted in `notes`. Memory
 * does not grow with the size of a file.
 *
 * @param paths files and folders; a file or folder that is named itself is read even if hidden
 * @throws DataError, when it is iterated: a path does not exist, or nothing that holds text was found
 * @throws FileError for a named file that cannot be read
 *
 * @example
 * const stream = readTextStream(['docs', 'README.md'])
 * for await (const { id, text } of stream) text.length
 * stream.notes.skippedBinary // 0
 */
export function readTextStream(
  paths: string | readonly string[],
  options: TextFileOptions = {},
): TextStream & { readonly notes: TextNotes } {
  const notes = emptyNotes()
  const roots = typeof paths === 'string' ? [paths] : paths
  async function* parts(): AsyncGenerator<TextPart> {
    for await (const { path, named } of walk(roots, options, notes)) yield* readDocument(path, named, notes)
    if (notes.files === 0) throw new DataError(nothingFound(roots, notes))
  }
  return { notes, [Symbol.asyncIterator]: parts }
}

/**
 * All the text of files and folders in one string, documents set apart by an empty line; for what fits into memory.
 *
 * @throws as {@link readTextStream}; DataError when the text does not fit into a string
 *
 * @example
 * const text = await readText('./docs')
 */
export async function readText(paths: string | readonly string[], options?: TextFileOptions): Promise<string> {
  return collectText(readTextStream(paths, options))
}

/**
 * Names a text by the paths, sizes and times of its files, without reading them: the `source` of token shards.
 */
export async function describeFiles(paths: string | readonly string[], options: TextFileOptions = {}): Promise<string> {
  const roots = typeof paths === 'string' ? [paths] : paths
  const hash = createHash('sha256')
  let files = 0
  for await (const { path } of walk(roots, options, emptyNotes())) {
    const { size, mtimeMs } = await stat(path)
    hash.update(`${JSON.stringify(path)} ${size} ${mtimeMs}\n`)
    files++
  }
  return `${roots.join(', ')}: ${files} files, ${hash.digest('hex').slice(0, 32)}`
}

interface Found {
  readonly path: string
  /** It was asked for by its own name. */
  readonly named: boolean
}

async function* walk(roots: readonly string[], options: TextFileOptions, notes: TextNotes): AsyncGenerator<Found> {
  for (const root of roots) {
    const info = await stat(root).catch((error) => {
      if (error.code === 'ENOENT') throw new DataError(`readText: ${root} does not exist`, { cause: error })
      throw fileError('read', root, error)
    })
    if (info.isDirectory()) yield* walkFolder(root, options, notes)
    else yield { path: root, named: true }
  }
}

async function* walkFolder(folder: string, options: TextFileOptions, notes: TextNotes): AsyncGenerator<Found> {
  const { include, skipFolders = ['node_modules'] } = options
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    skip(notes, 'skippedUnreadable', folder, fileError('read', folder, error).message)
    return []
  })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) skip(notes, 'skippedHidden', path, 'hidden')
    else if (entry.isDirectory()) {
      if (skipFolders.includes(entry.name)) skip(notes, 'skippedHidden', path, 'a folder that is left out')
      else yield* walkFolder(path, options, notes)
    } else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path)))) {
      if (include === undefined || include(path)) yield { path, named: false }
    } else {
      // A link to a folder could lead in a circle; a pipe or a device could wait for ever.
      skip(notes, 'skippedUnreadable', path, 'neither a file nor a folder')
    }
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  )
}

/** Bytes that are looked at to tell text from other data. */
const sniffBytes = 8192
const chunkBytes = 1 << 20

async function* readDocument(path: string, named: boolean, notes: TextNotes): AsyncGenerator<TextPart> {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    const reason = fileError('read', path, error)
    if (named) throw reason
    return skip(notes, 'skippedUnreadable', path, reason.message)
  }
  try {
    const chunks = readChunks(handle, path)
    const first = await chunks.next()
    if (first.done) return skip(notes, 'skippedEmpty', path, 'empty')
    if (isBinary(first.value.subarray(0, sniffBytes))) return skip(notes, 'skippedBinary', path, 'holds no text')
    yield* decodeDocument(path, startingWith(first.value, chunks), notes)
  } finally {
    await handle.close()
  }
}

/** The same memory is given again and again. */
async function* readChunks(handle: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  let buffer = new Uint8Array(1 << 16)
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, null).catch((error) => {
      throw fileError('read', path, error)
    })
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    // Most files are small; large ones are read in large chunks.
    if (buffer.length < chunkBytes) buffer = new Uint8Array(chunkBytes)
  }
}

async function* startingWith<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first
  yield* rest
}

/** A NUL byte, or more than a tenth that is not UTF-8. */
function isBinary(start: Uint8Array): boolean {
  return start.includes(0) || invalidUtf8Bytes(start) * 10 > start.length
}

/** Examples that are kept of each kind. */
const mostExamples = 8

function skip(
  notes: TextNotes,
  kind: 'skippedBinary' | 'skippedHidden' | 'skippedUnreadable' | 'skippedEmpty',
  path: string,
  reason: string,
): void {
  notes[kind]++
  if (notes[kind] <= mostExamples) notes.examples.push({ path, reason })
}

function nothingFound(roots: readonly string[], notes: TextNotes): string {
  const skipped = [
    [notes.skippedEmpty, 'empty'],
    [notes.skippedBinary, 'without text'],
    [notes.skippedHidden, 'hidden or left out'],
    [notes.skippedUnreadable, 'unreadable'],
  ] as const
  const seen = skipped.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  const found = seen.length > 0 ? `found only: ${seen.join(', ')}` : 'nothing is there'
  return `readText: no text in ${roots.join(', ') || 'no paths'} (${found}); give files or folders that hold text in UTF-8`
}
