import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/**
 * Makes a folder that is either there whole or not at all: `fill` writes into a temporary folder beside it, everything is
 * synced to disk, and then the name is changed. What an interrupted attempt left behind is removed by the next one.
 */
export async function makeFolderAtomically(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.part`
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary, { recursive: true })
  try {
    await fill(temporary)
    for (const name of await readdir(temporary)) await sync(join(temporary, name))
    await sync(temporary)
    await removeFolder(target)
    await rename(temporary, target)
    await sync(dirname(target))
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

/**
 * Removes a folder so that it is either there whole or not at all: it loses its name first. What an interrupted removal left
 * behind has a name that ends with `.old`.
 */
export async function removeFolder(target: string): Promise<void> {
  const old = `${target}.old`
  await rm(old, { recursive: true, force: true })
  try {
    await rename(target, old)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await rm(old, { recursive: true, force: true })
}

/** Writes chunks one after another. */
export async function writeChunks(path: string, chunks: Chunks): Promise<void> {
  const file = await open(path, 'w')
  try {
    for await (const chunk of chunks) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
}

async function sync(path: string): Promise<void> {
  // Windows cannot open folders; its renames are ordered by the file system's journal.
  if (process.platform === 'win32') return
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
