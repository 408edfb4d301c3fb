import { DataError } from '../base/index.ts'

/**
 * A place for files, by name; names may hold `/`. The disk in Node (`fileFolder` of alippe/node), memory here, a
 * browser's private file system.
 */
export interface Folder {
  /** Writes a file so that it is there whole or not at all. */
  write(name: string, bytes: Uint8Array): Promise<void>
  /** Size of a file in bytes, undefined when it is not there. */
  size(name: string): Promise<number | undefined>
  /**
   * Bytes [offset, offset + length) of a file.
   *
   * @throws when they are not there
   */
  read(name: string, offset: number, length: number): Promise<Uint8Array>
}

/**
 * Files that live as long as the program.
 *
 * @example
 * const folder = memoryFolder()
 * await folder.write('a', Uint8Array.of(1, 2, 3))
 * await folder.read('a', 1, 2) // [2, 3]
 */
export function memoryFolder(): Folder {
  const files = new Map<string, Uint8Array>()
  return {
    async write(name, bytes) {
      files.set(name, bytes.slice())
    },
    size: async (name) => files.get(name)?.length,
    async read(name, offset, length) {
      const file = files.get(name)
      if (file === undefined || offset + length > file.length) {
        throw new DataError(`${name}: bytes ${offset} to ${offset + length} are not there`)
      }
      return file.slice(offset, offset + length)
    },
  }
}
