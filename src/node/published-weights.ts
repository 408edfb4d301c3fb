import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, sizeOf } from '../base/index.ts'
import type { State } from '../compiler/index.ts'
import { safetensorsHeader } from '../formats/index.ts'
import { type LanguageModel, publishedLayout } from '../models/index.ts'
import { fileError, writeAtomically } from './files.ts'
import { openFolder } from './folder-source.ts'
import { loadPlainWeights } from './load-weights.ts'

/** Elements that are in memory at once. */
const chunkElements = 1 << 22

/**
 * Reads a model's weights from a folder as people publish it: `model.safetensors` in f32, f16 or bf16, with the prefix of
 * its family before the names or without it. State is written when everything was found right.
 *
 * @param model made of the folder's config.json by `modelFromConfig`
 * @param state gets the weights, in f32
 * @throws ConfigError for a family whose layout is not known
 * @throws FormatError when the file is broken, lacks a tensor, holds one more, or has one in another shape or dtype
 * @throws FileError when it cannot be read
 * Cost: the bytes of the file once, and 16 MB of memory.
 *
 * @example
 * const model = buildModel({ model: 'gpt2', depth: 1, vocabSize: 256, context: 16 })
 * const state = createState(backend)
 * state.ensure(Object.entries(model.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('gpt2', model, state)
 * await loadPublished('gpt2', model, state)
 */
export async function loadPublished(folder: string, model: LanguageModel, state: State): Promise<void> {
  const source = openFolder(folder, { model })
  try {
    await loadPlainWeights(source, state)
  } finally {
    source.close()
  }
}

export interface PublishedOptions {
  /** Whether names have the prefix of the family, as where the output embedding is a part of its own; false when not given. */
  readonly prefixed?: boolean
}

/**
 * Writes a model's weights as a folder that `transformers` and others read: config.json and model.safetensors, in f32.
 *
 * @throws ConfigError for a family whose layout is not known
 * @throws FileError when the folder cannot be written; each file is the old one or the whole new one then
 */
export async function savePublished(
  folder: string,
  model: LanguageModel,
  state: State,
  { prefixed = false }: PublishedOptions = {},
): Promise<void> {
  const { prefix, config } = publishedLayout(model.family)
  const before = prefixed ? prefix : ''
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw fileError('make the folder', folder, error)
  })
  const header = safetensorsHeader(
    Object.entries(model.weights).map(([name, { shape }]) => ({ name: before + name, shape, dtype: 'F32' })),
  )
  const places = header.entries.map(({ name }) => state.places.get(name.slice(before.length)))
  const missing = places.indexOf(undefined)
  if (missing >= 0) throw new ConfigError(`the state holds no ${header.entries[missing].name}`)
  await writeAtomically(
    join(folder, 'model.safetensors'),
    (async function* () {
      yield header.bytes
      for (const place of places) {
        const { segment, offset, shape } = place!
        const bytes = 4 * sizeOf(shape)
        for (let at = 0; at < bytes; at += 4 * chunkElements) {
          yield await segment.read(offset + at, Math.min(4 * chunkElements, bytes - at))
        }
      }
    })(),
  )
  await writeAtomically(join(folder, 'config.json'), Buffer.from(`${JSON.stringify(config(model), null, 2)}\n`))
}
