import { access } from 'node:fs/promises'
import { DataError } from '../../base/index.ts'
import { defaultCacheFolder } from './cache-folder.ts'
import type { Input, SpooledInput } from './input.ts'
import { spoolUrl } from './list-url.ts'
import { LocalFile } from './local-file.ts'
import type { OpenInput } from './open-source.ts'
import { RemoteFile, type RemoteFileOptions } from './remote-file.ts'
import { spoolPath } from './spool.ts'

export interface OpenOptions extends RemoteFileOptions {
  /** The folder that `listInputs` had. */
  readonly cacheFolder?: string
}

/**
 * Opens what `listInputs` found, in this process or another one. The bytes are those that were listed, or an error says
 * that they changed. Of remote files only what is read is loaded.
 *
 * @throws FileError, NetworkError when it cannot be read, or changed since it was listed
 * @throws DataError when standard input is no longer in the cache
 *
 * @example
 * const { inputs } = await listInputs(['README.md'])
 * const file = await openInput(inputs[0])
 * new TextDecoder().decode(await file.read(0, 7)) // 'The cat'
 * await file.close()
 */
export async function openInput(input: Input, options: OpenOptions = {}): Promise<OpenInput> {
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder(options.environment)
  if (input.kind === 'url') return RemoteFile.open(input, cacheFolder, options)
  if (input.kind === 'file') return LocalFile.open(input.name, input.path, input)
  const path = spoolPath(cacheFolder, input.sha256)
  if (await isMissing(path)) await spoolAgain(input, cacheFolder, options)
  return LocalFile.open(input.name, path, { size: input.size })
}

function isMissing(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    () => true,
  )
}

async function spoolAgain(input: SpooledInput, cacheFolder: string, options: OpenOptions): Promise<void> {
  const { name, url } = input
  if (url !== undefined) await spoolUrl({ ...input, url }, cacheFolder, options)
  else throw new DataError(`what ${name} gave is no longer in ${cacheFolder}; give it again and list the inputs again`)
}
