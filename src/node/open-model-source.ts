import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { FormatError } from '../base/index.ts'
import { llmcMagic } from '../formats/index.ts'
import { openByteFile } from './byte-file.ts'
import { fileError } from './files.ts'
import { openLlama2c, openLlmc } from './flat-source.ts'
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
 * Opens a model where it lies: a folder of a run or of Hugging Face, or a file of GGUF, llama2.c or llm.c. Nothing of its weights is read yet.
 *
 * @throws FileError when it is not there, FormatError when it is broken or of a kind that is not known
 *
 * @example
 * const state = createState(backend)
 * state.ensure(Object.entries(model.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('published', model, state)
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
  const kind = fileKind(folder)
  if (kind === undefined) {
    throw new FormatError(
      `${path}: no model that is known: expected a folder with config.json, GGUF, llama2.c or llm.c`,
    )
  }
  return openers[kind](folder, options)
}

const openers = { gguf: openGguf, llmc: openLlmc, llama2c: openLlama2c } as const

/** What a file of a model is, by its first bytes; those of llama2.c say nothing, so its names decide. */
export function fileKind(path: string): keyof typeof openers | undefined {
  const file = openByteFile(path, { mapped: false })
  const start = Buffer.from(file.bytes(0, Math.min(4, file.size)))
  file.close()
  if (start.toString('latin1') === 'GGUF') return 'gguf'
  const first = start.length < 4 ? 0 : start.readUInt32LE()
  if (first === llmcMagic) return 'llmc'
  return first === 0x616b3432 || /\.bin$/.test(path) ? 'llama2c' : undefined
}
