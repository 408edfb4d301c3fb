import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { FormatError } from '../base/index.ts'
import { fileError } from './files.ts'
import { mapFile } from './map-file.ts'

/** A file whose bytes are taken where they are needed. */
export interface ByteFile {
  readonly path: string
  readonly size: number
  /** Bytes [offset, offset + length): a view of mapped memory, or a copy where files cannot be mapped. Not to be written. */
  bytes(offset: number, length: number): Uint8Array
  close(): void
}

/**
 * Opens a file, mapped into memory where that can be had.
 *
 * @param options.mapped false reads ranges instead; for tests
 * @throws FileError when it is not there or is no file
 */
export function openByteFile(path: string, { mapped = true }: { readonly mapped?: boolean } = {}): ByteFile {
  const descriptor = attempt(path, () => openSync(path, 'r'))
  const { size } = attempt(path, () => {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' })
    return stats
  })
  const map = mapped ? mapFile(path) : undefined
  let isOpen = true
  const close = () => {
    if (isOpen) closeSync(descriptor)
    isOpen = false
  }
  if (map !== undefined) close()
  return {
    path,
    size,
    bytes(offset, length) {
      if (offset < 0 || offset + length > size)
        throw new FormatError(`${path}: truncated: bytes ${offset} to ${offset + length} of ${size} are needed`)
      return map?.subarray(offset, offset + length) ?? read(path, descriptor, offset, length)
    },
    close,
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw fileError('read', path, error)
  }
}

function read(path: string, descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const got = attempt(path, () => readSync(descriptor, bytes, at, Math.min(length - at, 1 << 30), offset + at))
    if (got === 0) throw new FormatError(`${path}: it ends at byte ${offset + at}, before ${offset + length}`)
    at += got
  }
  return bytes
}
