import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { FormatError } from '../base/index.ts'
import { openByteFile } from './byte-file.ts'
import { fileError } from './files.ts'
import { openFolder } from './folder-source.ts'
import { openGguf } from './gguf-source.ts'
import { modelFolder } from './model-folder.ts'
import type { ModelSource } from './model-source.ts'

export interface OpenModelOptions {
  /** Takes a run's checkpoint with the least validation loss, not the newest. */
  readonly best?: boolean
  /** Whether files are mapped into memory where that can be had; true when not given. */
  readonly mapped?: boolean
}

/**
 * Opens a model where it lies: a folder of a run or of Hugging Face, or a GGUF file. Nothing of its weights is read yet.
 *
 * @throws FileError when it is not there, FormatError when it is broken or of a kind that is not known
 *
 * @example
 * const source = await openModelSource('published')
 * source.model.family // 'llama'
 */
export async function openModelSource(path: string, options: OpenModelOptions = {}): Promise<ModelSource> {
  const folder = await modelFolder(path, options.best === true)
  const stats = await stat(folder).catch((error) => {
    throw fileError('read', folder, error)
  })
  if (stats.isDirectory()) return openFolder(folder, options)
  if (/\.safetensors(\.index\.json)?$/.test(folder) || basename(folder) === 'config.json') {
    return openFolder(dirname(folder), options)
  }
  const file = openByteFile(folder, { mapped: false })
  const start = new TextDecoder('latin1').decode(file.bytes(0, Math.min(4, file.size)) as Uint8Array<ArrayBuffer>)
  file.close()
  if (start === 'GGUF') return openGguf(folder, options)
  throw new FormatError(`${path}: no model that is known: expected a folder with config.json or a GGUF file`)
}
