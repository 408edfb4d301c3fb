import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AlippeError } from '../base/index.ts'
import type { Folder } from '../data/index.ts'
import { mapFile } from './map-file.ts'

/** A file that cannot be written or read. The message says which, why, and what to do when that is known. */
export class FileError extends AlippeError {
  constructor(message: string, options?: ErrorOptions) {
    super('ALIPPE_FILE', message, options)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space or choose another place',
  EDQUOT: 'the disk quota is used up; free some space or choose another place',
  EFBIG: 'the file would be larger than is allowed here',
  EROFS: 'the file system is read-only; choose another place',
  EACCES: 'it is not permitted; choose another place or change the permissions',
  EPERM: 'it is not permitted; choose another place or change the permissions',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  ENOTEMPTY: 'it is a folder',
  EEXIST: 'a file of that name is there',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
}

/** An error of the system in words: what could not be done, and why. */
export function fileError(action: string, path: string, error: unknown): FileError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const reason = reasons[code] ?? (error as Error).message
  return new FileError(`cannot ${action} ${path}: ${reason}${code in reasons ? ` (${code})` : ''}`, { cause: error })
}

let written = 0

/**
 * Writes a file so that at any moment, a power cut included, it is either the old one or the whole new one: the bytes go
 * to a temporary file in the same folder, reach the disk, and then take the name.
 *
 * @param chunks the bytes, at once or in parts as they come
 * @param options.durable false for what can be made again: nothing waits for the disk, so a power cut may leave it torn
 * @throws FileError when the system refuses; what `chunks` throws passes through. The temporary file is gone then, and a
 *   file that was there is as before.
 */
export async function writeAtomically(
  path: string,
  chunks: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { durable = true }: { readonly durable?: boolean } = {},
): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${written++}.tmp`)
  const onDisk = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw fileError('write', path, error)
    }
  }
  const handle = await open(temporary, 'wx').catch((error) => {
    throw error.code === 'ENOENT' ? fileError('write into the folder', folder, error) : fileError('write', path, error)
  })
  try {
    try {
      for await (const chunk of chunks instanceof Uint8Array ? [chunks] : chunks) {
        await onDisk(writeWhole(handle, chunk))
      }
      if (durable) await onDisk(handle.sync())
    } finally {
      await onDisk(handle.close())
    }
    await onDisk(rename(temporary, path))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
  if (durable) await syncFolder(folder)
}

/** Whether a name is that of a file which {@link writeAtomically} has not finished. */
export function isTemporary(name: string): boolean {
  return /^\..+\.\d+-\d+\.tmp$/.test(name)
}

/** The most bytes of one call: Node refuses more than 2 GiB, and between calls other work gets its turn. */
const CALL_BYTES = 8 << 20

/**
 * Makes a folder, with those around it.
 *
 * @throws FileError when the system refuses
 */
export async function makeFolder(path: string): Promise<void> {
  // Node's own way to make several says of a read-only disk that the folder does not exist.
  const parent = dirname(path)
  const make = () =>
    mkdir(path).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    )
  let error = await make()
  if (error?.code === 'ENOENT' && parent !== path) {
    await makeFolder(parent)
    error = await make()
  }
  if (error === undefined) return
  const isThere = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isThere) throw fileError('make the folder', path, error)
}

/** One call may write less than it was given. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, Math.min(CALL_BYTES, bytes.length - at))
    at += bytesWritten
  }
}

/** Makes the new name outlast a power cut. Not every system lets folders be synced; there it is left out. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/**
 * A folder of the disk as a place for token shards. It is made when the first file is written.
 *
 * @example
 * const folder = fileFolder('data')
 * const docs = await openSources(['docs'])
 * const { name } = await encodeToShards(docs, tokenizer, folder, { source: docs.description })
 */
export function fileFolder(path: string): Folder {
  return {
    async write(name, bytes, options) {
      const file = join(path, name)
      await makeFolder(dirname(file))
      await writeAtomically(file, bytes, options)
    },
    remove: (name) => removeAt(join(path, name)),
    async size(name) {
      const file = join(path, name)
      try {
        return (await stat(file)).size
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw fileError('read', file, error)
      }
    },
    read: (name, offset, length) => readRange(join(path, name), offset, length),
    map: (name) => mapFile(join(path, name)),
  }
}

async function removeAt(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch((error) => {
    throw fileError('remove', path, error)
  })
}

/**
 * Bytes [offset, offset + length) of a file.
 *
 * @throws FileError when the file is not there or ends before
 */
export async function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  const handle = await open(path, 'r').catch((error) => {
    throw fileError('read', path, error)
  })
  try {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; ) {
      const { bytesRead } = await handle.read(bytes, at, length - at, offset + at)
      if (bytesRead === 0)
        throw new FileError(`cannot read ${path}: it ends at byte ${offset + at}, before ${offset + length}`)
      at += bytesRead
    }
    return bytes
  } catch (error) {
    throw error instanceof FileError ? error : fileError('read', path, error)
  } finally {
    await handle.close()
  }
}
