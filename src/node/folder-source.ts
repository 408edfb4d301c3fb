import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DType, FormatError, sameShape, shapeText } from '../base/index.ts'
import {
  floatNames,
  parseJson,
  readSafetensorsHeader,
  readSafetensorsIndex,
  refuse,
  type SafetensorsDType,
  type SafetensorsEntry,
  safetensorsHeaderBytes,
} from '../formats/index.ts'
import { type LanguageModel, publishedLayout, publishedModel, publishedTensor } from '../models/index.ts'
import type { StoredWeight } from '../nn/index.ts'
import { readSentencePiece, readVocabMerges } from '../tokenizers/formats/index.ts'
import { writeTokenizerJson } from '../tokenizers/index.ts'
import { type ByteFile, openByteFile } from './byte-file.ts'
import { fileError } from './files.ts'
import { madeFrom } from './gguf-source.ts'
import { makeSource } from './make-source.ts'
import type { ModelSource, SourceTensor } from './model-source.ts'
import { packedWeights, storedBytes } from './quantized-folder.ts'

/** Longer files of settings are refused. */
const LONGEST_SETTINGS = 1 << 24
const LONGEST_TOKENIZER = 1 << 28

const dtypeOf: Readonly<Partial<Record<SafetensorsDType, DType>>> = Object.fromEntries(
  Object.entries(floatNames).map(([dtype, name]) => [name, dtype]),
)

interface Placed extends SafetensorsEntry {
  readonly file: ByteFile
}

export interface OpenFolderOptions {
  readonly mapped?: boolean
  /** The model, where it is known without config.json. */
  readonly model?: LanguageModel
}

/**
 * A model in a folder as `transformers` reads and writes it: config.json, model.safetensors or its shards with their index,
 * and the files of the tokenizer as far as they are there. Checkpoints of runs are such folders.
 *
 * @throws FormatError for files that are broken, of a family that is not known, or do not fit each other
 */
export function openFolder(folder: string, options: OpenFolderOptions = {}): ModelSource {
  const opened: ByteFile[] = []
  const close = () => {
    for (const file of opened) file.close()
  }
  try {
    const names = new Set(list(folder))
    const configFile = join(folder, 'config.json')
    const config = options.model ? {} : settings(folder, 'config.json')
    const model = options.model ?? madeFrom(configFile, () => publishedModel(config))
    const packed = packedWeights(config, model, configFile)
    const entries = weightFiles(folder, names).flatMap(({ name, tensors }) => {
      const file = openByteFile(join(folder, name), options)
      opened.push(file)
      return entriesOf(file, tensors)
    })
    const text = (name: string, longest = LONGEST_SETTINGS) =>
      names.has(name) ? textOf(join(folder, name), longest) : undefined
    return makeSource({
      kind: `Hugging Face folder (${model.family})`,
      path: folder,
      model,
      tensors: matched(folder, entries, model, packed),
      tokenizerText: text('tokenizer.json', LONGEST_TOKENIZER) ?? otherTokenizer(folder, names),
      ...templateOf(folder, names),
      close,
    })
  } catch (error) {
    close()
    throw error
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw fileError('read', folder, error)
  }
}

/** A text file of at most so many bytes. */
export function textOf(path: string, longest: number): string {
  const file = openByteFile(path, { mapped: false })
  try {
    if (file.size > longest)
      throw new FormatError(`${path}: it has ${file.size} bytes, at most ${longest} are expected of it`)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(
      file.bytes(0, file.size) as Uint8Array<ArrayBuffer>,
    )
  } catch (error) {
    if (error instanceof TypeError) throw new FormatError(`${path}: is not UTF-8`, { cause: error })
    throw error
  } finally {
    file.close()
  }
}

/** A JSON object of a folder; names that come twice are an error. */
function settings(folder: string, name: string): Record<string, unknown> {
  const path = join(folder, name)
  const root = parseJson(textOf(path, LONGEST_SETTINGS), (at, reason) => refuse(path, `character ${at}`, reason))
  if (!(root instanceof Map)) throw new FormatError(`${path}: expected an object`)
  return plain(root) as Record<string, unknown>
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, each]) => [name, plain(each)]))
  return Array.isArray(value) ? value.map(plain) : value
}

/** The safetensors files of a folder, each with the tensors that it is said to hold, where that is said. */
function weightFiles(folder: string, names: ReadonlySet<string>): { name: string; tensors?: ReadonlySet<string> }[] {
  const single = 'model.safetensors'
  const index = `${single}.index.json`
  if (names.has(single) || !names.has(index)) return [{ name: single }]
  const path = join(folder, index)
  const files = new Map<string, Set<string>>()
  for (const [tensor, file] of readSafetensorsIndex(textOf(path, LONGEST_SETTINGS), path)) {
    if (!names.has(file)) throw new FormatError(`${path}: ${tensor} lies in ${file}, which is not there`)
    files.set(file, (files.get(file) ?? new Set()).add(tensor))
  }
  return [...files].map(([name, tensors]) => ({ name, tensors }))
}

function entriesOf(file: ByteFile, expected: ReadonlySet<string> | undefined): Placed[] {
  const { path, size } = file
  const start = file.bytes(0, Math.min(8, size))
  const { entries } = readSafetensorsHeader(file.bytes(0, Math.min(safetensorsHeaderBytes(start, path), size)), {
    file: path,
    fileBytes: size,
  })
  const found = new Set(entries.map(({ name }) => name))
  const missing = [...(expected ?? [])].find((name) => !found.has(name))
  if (missing !== undefined) throw new FormatError(`${path}: the index says that ${missing} is here, and it is not`)
  const extra = expected && entries.find(({ name }) => !expected.has(name))
  if (extra) throw new FormatError(`${path}: ${extra.name} is here, of which the index knows nothing`)
  return entries.map((entry) => ({ ...entry, file }))
}

function matched(
  folder: string,
  entries: readonly Placed[],
  model: LanguageModel,
  packed: ReadonlyMap<string, StoredWeight>,
): Map<string, SourceTensor> {
  const layout = publishedLayout(model.family)
  const found = new Map<string, Placed>()
  const copies: [Placed, string][] = []
  for (const entry of entries) {
    const place = `${entry.file.path}: ${entry.name}`
    const tensor = publishedTensor(layout, entry.name, model.weights)
    if (tensor === undefined) continue
    const { weight, isCopy } = tensor
    if (!Object.hasOwn(model.weights, weight)) throw new FormatError(`${place} is no weight of this ${model.family}`)
    const { shape } = model.weights[weight]
    const stored = packed.get(weight)
    const bytes = stored && storedBytes(stored, shape)
    if (stored !== undefined && (entry.dtype !== 'U8' || !sameShape(entry.shape, [bytes!]))) {
      throw new FormatError(`${place} must be U8 [${bytes}], got ${entry.dtype} ${shapeText(entry.shape)}`)
    }
    if (stored !== undefined && !isCopy && !found.has(weight)) {
      found.set(weight, entry)
      continue
    }
    if (dtypeOf[entry.dtype] === undefined || !sameShape(entry.shape, shape)) {
      throw new FormatError(
        `${place} must be F32, F16 or BF16 ${shapeText(shape)}, got ${entry.dtype} ${shapeText(entry.shape)}`,
      )
    }
    const other = found.get(weight)
    if (isCopy) copies.push([entry, weight])
    else if (other === undefined) found.set(weight, entry)
    else throw new FormatError(`${place} and ${other.name} are the same weight`)
  }
  const missing = Object.keys(model.weights).filter((name) => !found.has(name))
  if (missing.length > 0) {
    const others = missing.length > 1 ? `, and ${missing.length - 1} more are missing` : ''
    throw new FormatError(`${folder}: there is no tensor ${missing[0]}${others}; is config.json that of these weights?`)
  }
  for (const [copy, weight] of copies) expectSame(copy, found.get(weight)!)
  return new Map(
    [...found].map(([name, entry]) => [
      name,
      { ...(packed.get(name) ?? { dtype: dtypeOf[entry.dtype]! }), bytes: () => bytesOf(entry) },
    ]),
  )
}

const bytesOf = ({ file, offset, bytes }: Placed) => file.bytes(offset, bytes)

function expectSame(copy: Placed, weight: Placed): void {
  const piece = 1 << 22
  for (let at = 0; at < copy.bytes; at += piece) {
    const length = Math.min(piece, copy.bytes - at)
    const same =
      copy.dtype === weight.dtype &&
      Buffer.compare(copy.file.bytes(copy.offset + at, length), weight.file.bytes(weight.offset + at, length)) === 0
    if (same) continue
    throw new FormatError(
      `${copy.file.path}: ${copy.name} differs from ${weight.name}, but the output embedding of this model is its input's`,
    )
  }
}

/** A tokenizer in another form, as a tokenizer.json: vocab.json with merges.txt, or SentencePiece's tokenizer.model. */
function otherTokenizer(folder: string, names: ReadonlySet<string>): string | undefined {
  if (names.has('vocab.json') && names.has('merges.txt')) {
    const [vocab, merges] = ['vocab.json', 'merges.txt'].map((name) => textOf(join(folder, name), LONGEST_TOKENIZER))
    return writeTokenizerJson(readVocabMerges(vocab, merges))
  }
  if (!names.has('tokenizer.model')) return undefined
  const path = join(folder, 'tokenizer.model')
  const file = openByteFile(path, { mapped: false })
  try {
    if (file.size > LONGEST_TOKENIZER) throw new FormatError(`${path}: ${file.size} bytes are too many`)
    return writeTokenizerJson(readSentencePiece(file.bytes(0, file.size), { file: path }))
  } finally {
    file.close()
  }
}

function templateOf(folder: string, names: ReadonlySet<string>): Pick<ModelSource, 'chatTemplate' | 'specials'> {
  const file = 'tokenizer_config.json'
  const config = names.has(file) ? settings(folder, file) : {}
  const specials = { begin: tokenText(config.bos_token), end: tokenText(config.eos_token) }
  if (names.has('chat_template.jinja')) {
    return { specials, chatTemplate: textOf(join(folder, 'chat_template.jinja'), LONGEST_SETTINGS) }
  }
  const { chat_template } = config
  if (typeof chat_template === 'string') return { specials, chatTemplate: chat_template }
  if (!Array.isArray(chat_template)) return { specials }
  const named = chat_template.find((each) => each?.name === 'default') ?? chat_template[0]
  return typeof named?.template === 'string' ? { specials, chatTemplate: named.template } : { specials }
}

/** A token is its text, or an object that holds it. */
function tokenText(value: unknown): string | undefined {
  const text = typeof value === 'object' ? (value as { content?: unknown } | null)?.content : value
  return typeof text === 'string' ? text : undefined
}
