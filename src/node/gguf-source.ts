import { AlippeError, dtypes, FormatError, sameShape, shapeText } from '../base/index.ts'
import { floats, type GgufEntry, type GgufHeader, ggufValues, readGguf } from '../formats/index.ts'
import { type GgufPart, ggufEntries, ggufParts, type LanguageModel, publishedModel } from '../models/index.ts'
import { storedShape } from '../nn/index.ts'
import { readGgufTokenizer } from '../tokenizers/formats/index.ts'
import { writeTokenizerJson } from '../tokenizers/index.ts'
import { type ByteFile, openByteFile } from './byte-file.ts'
import { makeSource } from './make-source.ts'
import type { ModelSource, SourceTensor } from './model-source.ts'

/** The first bytes that are read where files cannot be mapped. */
const FIRST_BYTES = 1 << 20

/** The header of a GGUF file. @throws FormatError as `readGguf` does */
export function ggufHeaderOf(file: ByteFile): GgufHeader {
  const { path, size } = file
  for (let length = Math.min(FIRST_BYTES, size); ; length = Math.min(4 * length, size)) {
    const header = readGguf(file.bytes(0, length), { file: path, fileBytes: size })
    if (header !== undefined) return header
  }
}

/**
 * A model in a GGUF file, of the architectures llama and gpt2, with the tokenizer that lies in it.
 *
 * @throws FormatError for a file that is broken, of another architecture, or with tensors that do not fit its metadata
 */
export function openGguf(path: string, options: { readonly mapped?: boolean } = {}): ModelSource {
  const file = openByteFile(path, options)
  try {
    const header = ggufHeaderOf(file)
    const values = ggufValues(header.metadata)
    const model = madeFrom(path, () =>
      publishedModel(
        ggufEntries(values, new Map(header.entries.map(({ name, shape }) => [name, shape])), rotaryOf(file, header)),
      ),
    )
    const tensors = tensorsOf(file, header.entries, model)
    const type = header.metadata.get('general.file_type')?.value
    return makeSource({
      kind: `GGUF (${model.family}${type === undefined ? '' : `, file type ${type}`})`,
      path,
      model,
      tensors,
      ...tokenizerOf(values, model, path),
      close: () => file.close(),
    })
  } catch (error) {
    file.close()
    throw error
  }
}

/** What others wrote wrong is a fault of the file, whoever notices it. */
export function madeFrom<T>(path: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof FormatError || !(error instanceof AlippeError)) throw error
    throw new FormatError(`${path}: ${error.message}`, { cause: error })
  }
}

function tokenizerOf(values: ReadonlyMap<string, unknown>, model: LanguageModel, path: string) {
  const chatTemplate = values.get('tokenizer.chat_template')
  const shared = typeof chatTemplate === 'string' ? { chatTemplate } : {}
  if (!values.has('tokenizer.ggml.model') || values.get('tokenizer.ggml.model') === 'no_vocab') return shared
  const { tokenizer, beginId, endId } = readGgufTokenizer(values, path)
  if (tokenizer.vocabSize > model.vocabSize) {
    throw new FormatError(`${path}: the tokenizer has ${tokenizer.vocabSize} tokens, the model ${model.vocabSize}`)
  }
  const named = (id: number | undefined) => (id === undefined ? undefined : tokenizer.tokenOf(id))
  return {
    ...shared,
    tokenizerText: writeTokenizerJson(tokenizer),
    specials: { begin: named(beginId), end: named(endId) },
  }
}

function rotaryOf(file: ByteFile, { entries }: GgufHeader): Float32Array | undefined {
  const entry = entries.find(({ name }) => name === 'rope_freqs.weight')
  if (entry === undefined) return undefined
  if (entry.type !== 'F32' || entry.shape.length !== 1 || entry.shape[0] > 1 << 16) {
    throw new FormatError(
      `${file.path}: rope_freqs.weight must be F32 [D/2], got ${entry.type} ${shapeText(entry.shape)}`,
    )
  }
  return floats(file.bytes(entry.offset, entry.bytes), 'F32')
}

/** Tensors that say again what a model's settings say. */
const derived = new Set(['rope_freqs.weight'])
/** The output embedding once more, where a model's is its input's. */
const headName = 'output.weight'

function tensorsOf(file: ByteFile, entries: readonly GgufEntry[], model: LanguageModel): Map<string, SourceTensor> {
  const { path } = file
  const parts = ggufParts(model)
  const found = new Map(entries.map((entry) => [entry.name, entry]))
  const tensors = new Map<string, SourceTensor>()
  const missing: string[] = []
  for (const [name, part] of Object.entries(parts)) {
    const entry = found.get(part.name)
    found.delete(part.name)
    if (entry === undefined) missing.push(part.name)
    else tensors.set(name, tensorOf(file, entry, part, model.weights[name].shape))
  }
  if (missing.length > 0) {
    const others = missing.length > 1 ? `, and ${missing.length - 1} more are missing` : ''
    throw new FormatError(`${path}: there is no tensor ${missing[0]}${others}`)
  }
  const head = found.get(headName)
  if (head !== undefined)
    expectHead(file, head, new Map(entries.map((entry) => [entry.name, entry])).get('token_embd.weight')!)
  for (const name of found.keys()) {
    if (derived.has(name) || name === headName) continue
    throw new FormatError(`${path}: ${name.slice(0, 60)} is no weight of this ${model.family}`)
  }
  return tensors
}

/** Old converters wrote it twice. Packed in other dtypes the two differ, and the embedding is taken. */
function expectHead(file: ByteFile, head: GgufEntry, embedding: GgufEntry): void {
  const isOther = head.type !== embedding.type && sameShape(head.shape, embedding.shape)
  const bytesOf = ({ offset, bytes }: GgufEntry) => file.bytes(offset, bytes)
  if (isOther || (head.bytes === embedding.bytes && Buffer.compare(bytesOf(head), bytesOf(embedding)) === 0)) return
  throw new FormatError(
    `${file.path}: ${head.name} differs from ${embedding.name}, but the output embedding of this model is its input's`,
  )
}

function tensorOf(file: ByteFile, entry: GgufEntry, part: GgufPart, means: readonly number[]): SourceTensor {
  const { transposed, rotaryHeads } = part
  const dtype = dtypes.find((each) => each === entry.type.toLowerCase())
  const place = `${file.path}: ${entry.name}`
  if (dtype === undefined || dtype === 'i32') {
    throw new FormatError(
      `${place}: ${entry.type} is not supported; there are F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q2_K, Q4_K, Q5_K and Q6_K`,
    )
  }
  const expected = storedShape(means, part)
  if (!sameShape(entry.shape, expected)) {
    throw new FormatError(`${place} must be ${shapeText(expected)}, got ${shapeText(entry.shape)}`)
  }
  const bytes = () => file.bytes(entry.offset, entry.bytes)
  if (rotaryHeads === undefined) return { dtype, transposed, bytes }
  return { dtype, bytes: () => rotaryRows(bytes(), entry.shape[0], rotaryHeads, 'halves') }
}

/**
 * Rows of a query or key matrix with the pairs of a head as `halves` (j and j + D/2) from `neighbours` (2j and 2j + 1), or
 * the other way round. Rows of every dtype are moved whole.
 */
export function rotaryRows(bytes: Uint8Array, rows: number, heads: number, to: 'halves' | 'neighbours'): Uint8Array {
  const width = rows / heads
  const rowBytes = bytes.length / rows
  const moved = new Uint8Array(bytes.length)
  for (let row = 0; row < rows; row++) {
    const at = row % width
    const [half, other] = to === 'halves' ? [at % (width / 2), Math.floor(at / (width / 2))] : [at >> 1, at & 1]
    const from = row - at + (to === 'halves' ? 2 * half + other : half + (other * width) / 2)
    moved.set(bytes.subarray(from * rowBytes, (from + 1) * rowBytes), row * rowBytes)
  }
  return moved
}
