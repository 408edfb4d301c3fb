import { concatenated, DataError } from '../base/index.ts'

/**
 * A place for files, by name; names may hold `/`. The disk in Node (`fileFolder` of alippe/node), memory here, a
 * browser's private file system.
 */
export interface Folder {
  /**
   * Writes a file so that it is there whole or not at all.
   *
   * @param bytes at once, or as parts that follow one another
   * @param options.durable false for what can be made again: it need not outlast a power cut, and is written sooner
   */
  write(
    name: string,
    bytes: Uint8Array | readonly Uint8Array[],
    options?: { readonly durable?: boolean },
  ): Promise<void>
  /**
   * A file as memory, where the host can do that: only what is touched is read. It must stay as it is meanwhile.
   *
   * @returns undefined when it cannot be had, and {@link read} has to do
   */
  map?(name: string): Uint8Array | undefined
  /** Removes a file, or a folder with all that is in it; nothing happens when it is not there. */
  remove(name: string): Promise<void>
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
      files.set(name, concatenated(Uint8Array, bytes instanceof Uint8Array ? [bytes] : bytes))
    },
    async remove(name) {
      for (const file of [...files.keys()]) if (file === name || file.startsWith(`${name}/`)) files.delete(file)
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
