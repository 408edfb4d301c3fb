import { openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { openArrays } from '../../data/index.ts'
import { FileError, fileError, fileFolder } from '../files.ts'

/** Ids in token blocks, of which any part can be read at once. */
export interface IdBlocks {
  /** `length` ids of a block from `start` on. */
  read(block: number, start: number, length: number): Uint16Array | Uint32Array
}

/**
 * Opens the ids of token blocks for many small reads, which follow the order of the documents in the blocks: each is a call
 * to the system and no more. The files stay open as long as the thread lives.
 *
 * @param folder of work in progress
 */
export async function openIdBlocks(folder: string, names: readonly string[]): Promise<IdBlocks> {
  const places = await Promise.all(
    names.map(async (name) => (await openArrays(fileFolder(folder), name)).placeOf('ids')),
  )
  const handles: number[] = []

  function handleOf(block: number): number {
    const path = join(folder, names[block])
    try {
      return (handles[block] ??= openSync(path, 'r'))
    } catch (error) {
      throw fileError('read', path, error)
    }
  }

  return {
    read(block, start, length) {
      const { offset, bytesPerElement } = places[block]
      const ids = bytesPerElement === 2 ? new Uint16Array(length) : new Uint32Array(length)
      const bytes = new Uint8Array(ids.buffer)
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(handleOf(block), bytes, at, bytes.length - at, offset + start * bytesPerElement + at)
        if (read === 0) throw new FileError(`cannot read ${join(folder, names[block])}: it ends too early`)
        at += read
      }
      return ids
    },
  }
}
