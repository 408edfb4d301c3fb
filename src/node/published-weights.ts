import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, FormatError, sameShape, shapeText, sizeOf } from '../base/index.ts'
import type { State } from '../compiler/index.ts'
import {
  floatDTypes,
  floats,
  readSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsEntry,
  type SafetensorsHeader,
  safetensorsBits,
  safetensorsHeader,
  safetensorsHeaderBytes,
} from '../formats/index.ts'
import { type LanguageModel, publishedLayout, publishedTensor } from '../models/index.ts'
import { fileError, readRange, writeAtomically } from './files.ts'

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
  const path = join(folder, 'model.safetensors')
  const { weights, copies } = matched(await readHeader(path), model, path)
  for (const [copy, weight] of copies) await expectSame(path, copy, weights.get(weight)!)
  const specs = [...weights.keys()].map((name) => ({ name, shape: model.weights[name].shape, dtype: 'f32' as const }))
  state.ensure(specs)
  for (const [name, entry] of weights) {
    const { segment, offset } = state.places.get(name)!
    let at = offset
    for await (const values of chunksOf(path, entry)) {
      segment.write(at, new Uint8Array(values.buffer))
      at += values.byteLength
    }
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

async function readHeader(path: string): Promise<SafetensorsHeader> {
  const { size } = await stat(path).catch((error) => {
    throw fileError('read', path, error)
  })
  const start = await readRange(path, 0, Math.min(8, size))
  const bytes = await readRange(path, 0, Math.min(safetensorsHeaderBytes(start, path), size))
  return readSafetensorsHeader(bytes, { file: path, fileBytes: size })
}

/** The tensors of a file by what they are: each weight's, and those that are a weight once more. */
function matched({ entries }: SafetensorsHeader, model: LanguageModel, path: string) {
  const layout = publishedLayout(model.family)
  const weights = new Map<string, SafetensorsEntry>()
  const copies: [SafetensorsEntry, string][] = []
  for (const entry of entries) {
    const tensor = publishedTensor(layout, entry.name)
    if (tensor === undefined) continue
    const { weight, isCopy } = tensor
    if (!Object.hasOwn(model.weights, weight))
      throw new FormatError(`${path}: ${entry.name} is no weight of this ${model.family}`)
    const { shape } = model.weights[weight]
    if (!isFloat(entry.dtype) || !sameShape(entry.shape, shape)) {
      throw new FormatError(
        `${path}: ${entry.name} must be ${floatDTypes.join(' or ')} ${shapeText(shape)}, got ${entry.dtype} ${shapeText(entry.shape)}`,
      )
    }
    const other = weights.get(weight)
    if (isCopy) copies.push([entry, weight])
    else if (other === undefined) weights.set(weight, entry)
    else throw new FormatError(`${path}: ${other.name} and ${entry.name} are the same weight`)
  }
  const missing = Object.keys(model.weights).filter((name) => !weights.has(name))
  if (missing.length > 0) {
    const others = missing.length > 1 ? `, and ${missing.length - 1} more are missing` : ''
    throw new FormatError(`${path}: there is no tensor ${missing[0]}${others}; is config.json that of these weights?`)
  }
  return { weights, copies }
}

const isFloat = (dtype: SafetensorsDType) => (floatDTypes as readonly SafetensorsDType[]).includes(dtype)

/** The elements of a tensor, some at a time. */
async function* chunksOf(path: string, { dtype, shape, offset }: SafetensorsEntry): AsyncGenerator<Float32Array> {
  const count = sizeOf(shape)
  const width = safetensorsBits[dtype] / 8
  for (let at = 0; at < count; at += chunkElements) {
    const bytes = await readRange(path, offset + at * width, Math.min(chunkElements, count - at) * width)
    yield floats(bytes, dtype)
  }
}

async function expectSame(path: string, copy: SafetensorsEntry, weight: SafetensorsEntry): Promise<void> {
  const others = chunksOf(path, weight)
  for await (const values of chunksOf(path, copy)) {
    const { value } = (await others.next()) as { value: Float32Array }
    if (Buffer.compare(new Uint8Array(values.buffer), new Uint8Array(value.buffer)) === 0) continue
    throw new FormatError(
      `${path}: ${copy.name} differs from ${weight.name}, but the output embedding of this model is its input's`,
    )
  }
}
