import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from './files.ts'

/**
 * Makes a folder that is either there whole or not at all: `fill` writes into a temporary folder beside it, each file by
 * `writeAtomically` so that it is on the disk, and then the name is changed. What an interrupted attempt left behind is
 * removed by the next one.
 */
export async function makeFolderAtomically(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.part`
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary, { recursive: true })
  try {
    await fill(temporary)
    await removeFolder(target)
    await rename(temporary, target)
    await syncFolder(dirname(target))
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
