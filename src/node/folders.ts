import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileError, syncFolder } from './files.ts'

/**
 * Makes a folder that is either there whole or not at all: `fill` writes into a temporary folder beside it, each file by
 * `writeAtomically` so that it is on the disk, and then the name is changed. What an interrupted attempt left behind is
 * removed by the next one.
 *
 * @throws FileError when the system refuses; what `fill` throws passes through. A folder that was there is as before.
 */
export async function makeFolderAtomically(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.part`
  const refused = (error: unknown): never => {
    throw fileError('make the folder', target, error)
  }
  await rm(temporary, { recursive: true, force: true }).catch(refused)
  await mkdir(temporary, { recursive: true }).catch(refused)
  try {
    await fill(temporary)
    await removeFolder(target)
    await rename(temporary, target).catch(refused)
    await syncFolder(dirname(target))
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {})
    throw error
  }
}

/**
 * Removes a folder so that it is either there whole or not at all: it loses its name first. What an interrupted removal left
 * behind has a name that ends with `.old`.
 *
 * @throws FileError when the system refuses
 */
export async function removeFolder(target: string): Promise<void> {
  const old = `${target}.old`
  try {
    await rm(old, { recursive: true, force: true })
    await rename(target, old)
    await rm(old, { recursive: true, force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw fileError('remove the folder', target, error)
  }
}
