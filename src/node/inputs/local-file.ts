import { type FileHandle, open } from 'node:fs/promises'
import { FileError, fileError } from '../files.ts'
import { clampRange, type OpenInput } from './open-source.ts'

const chunkBytes = 1 << 20

/** What tells one state of a file from another. */
export function fileVersion(info: { readonly mtimeNs: bigint }): string {
  return String(info.mtimeNs)
}

/**
 * A file of this machine, kept open. Whatever happens to its name, the bytes are those of the file that was opened; when
 * they change or grow fewer while they are read, that is an error which says where.
 */
export class LocalFile implements OpenInput {
  readonly name: string
  readonly size: number
  readonly #path: string
  readonly #handle: FileHandle
  readonly #version: string

  private constructor(name: string, path: string, handle: FileHandle, size: number, version: string) {
    this.name = name
    this.size = size
    this.#path = path
    this.#handle = handle
    this.#version = version
  }

  /**
   * @param expected what the file was when it was listed
   * @throws FileError when it cannot be read, or is not that any more
   */
  static async open(
    name: string,
    path: string,
    expected: { readonly size: number; readonly version?: string },
  ): Promise<LocalFile> {
    const handle = await open(path, 'r').catch((error) => {
      throw fileError('read', path, error)
    })
    const info = await handle.stat({ bigint: true })
    const version = fileVersion(info)
    if (Number(info.size) !== expected.size || version !== (expected.version ?? version)) {
      await handle.close()
      const sizes = `it had ${expected.size} bytes, now it has ${info.size}`
      throw new FileError(`cannot read ${path}: it changed since it was listed (${sizes}); list the inputs again`)
    }
    return new LocalFile(name, path, handle, expected.size, version)
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const range = clampRange(this.size, start, end)
    const bytes = new Uint8Array(range.end - range.start)
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, at, bytes.length - at, range.start + at).catch((error) => {
        throw fileError('read', this.#path, error)
      })
      if (bytesRead === 0) {
        const fact = `it became shorter while it was read: it ends at byte ${range.start + at}, not at ${this.size}`
        throw new FileError(`cannot read ${this.#path}: ${fact}; begin again when nothing writes it`)
      }
      at += bytesRead
    }
    if (bytes.length > 0) await this.#checkUnchanged(range.end)
    return bytes
  }

  async *chunks(start = 0, end = this.size): AsyncGenerator<Uint8Array> {
    const range = clampRange(this.size, start, end)
    for (let at = range.start; at < range.end; at += chunkBytes) {
      yield await this.read(at, Math.min(at + chunkBytes, range.end))
    }
  }

  async #checkUnchanged(end: number): Promise<void> {
    const info = await this.#handle.stat({ bigint: true })
    if (Number(info.size) === this.size && fileVersion(info) === this.#version) return
    const fact = `it changed while it was read, before byte ${end} of ${this.size}`
    throw new FileError(`cannot read ${this.#path}: ${fact}; begin again when nothing writes it`)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
