import { basename } from 'node:path'
import { ConfigError, type DType } from '../base/index.ts'
import { type GgufField, type GgufTensorType, ggufHeader, ggufTensorTypes } from '../formats/index.ts'
import { ggufKeys, ggufParts, ggufRotary } from '../models/index.ts'
import { storedShape } from '../nn/index.ts'
import { writeAtomically } from './files.ts'
import { rotaryRows } from './gguf-source.ts'
import { ggufTokenizer } from './gguf-tokenizer.ts'
import { type ModelSource, staysPlain } from './model-source.ts'
import { fits, weightBytes } from './packed-bytes.ts'

/** What matrices may be written as, with the number that `general.file_type` has for it (llama.h, llama_ftype). */
export const ggufFileTypes = {
  f32: 0,
  f16: 1,
  bf16: 32,
  q8_0: 7,
  q4_0: 2,
  q4_1: 3,
  q2_k: 10,
  q4_k: 14,
  q5_k: 16,
  q6_k: 18,
} as const satisfies Partial<Record<DType, number>>

export type GgufFileType = keyof typeof ggufFileTypes

export interface ExportGgufOptions {
  /** How matrices are written; f16 when not given. Vectors and positions are f32. */
  readonly type?: GgufFileType
  /** `general.name`; the name of the source when not given. */
  readonly name?: string
}

/**
 * Writes a model as one GGUF file, tokenizer included, one tensor in memory at a time.
 *
 * The output embedding, which matters most, is q6_k (q8_0 where rows are not whole blocks of it) in files of fewer bits. A
 * matrix whose rows are not whole blocks of the type is q8_0, or f16.
 *
 * @throws ConfigError for a family or a tokenizer that has no place in GGUF
 * @throws FileError when the file cannot be written; it is the old one or the whole new one then
 *
 * @example
 * const state = createState(backend)
 * state.ensure(Object.entries(model.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('published', model, state)
 * await exportGguf(await openModelSource('published'), 'model.gguf', { type: 'q8_0' })
 */
export async function exportGguf(source: ModelSource, path: string, options: ExportGgufOptions = {}): Promise<void> {
  const { model } = source
  const { type = 'f16', name = nameOf(source.path) } = options
  const parts = ggufParts(model)
  const planned = Object.entries(model.weights).map(([weight, { shape }]) => {
    const { name, transposed, rotaryHeads } = parts[weight]
    const laid = storedShape(shape, parts[weight])
    const dtype = staysPlain(model, weight) ? 'f32' : dtypeFor(type, laid.at(-1)!, isHead(weight))
    return { weight, name, transposed, rotaryHeads, dtype, shape: laid }
  })
  const metadata = new Map<string, GgufField>([
    ...ggufKeys(model),
    ['general.name', { type: 'string', value: name }],
    ['general.file_type', { type: 'u32', value: ggufFileTypes[type] }],
    ['general.quantization_version', { type: 'u32', value: 2 }],
    ...ggufTokenizer(source),
  ])
  const rotary = ggufRotary(model)
  const extra = rotary ? [{ name: 'rope_freqs.weight', type: 'F32' as const, shape: [rotary.length] }] : []
  const header = ggufHeader(metadata, [
    ...planned.map(({ name, dtype, shape }) => ({ name, shape, type: typeOf(dtype) })),
    ...extra,
  ])
  await writeAtomically(
    path,
    (async function* () {
      yield header.bytes
      let at = header.bytes.length
      for (const [i, { offset, bytes: length }] of header.entries.entries()) {
        yield new Uint8Array(offset - at)
        at = offset + length
        if (i === planned.length) {
          yield new Uint8Array(rotary!.buffer)
          continue
        }
        const { weight, dtype, transposed, rotaryHeads, shape } = planned[i]
        const bytes = weightBytes(source, weight, dtype, { transposed })
        if (bytes.length !== length) throw new ConfigError(`${weight}: ${bytes.length} bytes in place of ${length}`)
        yield rotaryHeads === undefined ? bytes : rotaryRows(bytes, shape[0], rotaryHeads, 'neighbours')
      }
      yield new Uint8Array(header.fileBytes - at)
    })(),
  )
}

/** A checkpoint is called as its run. */
function nameOf(path: string): string {
  const [, run = path] = /^(.*)\/checkpoints\/\d+$/.exec(path) ?? []
  return basename(run).replace(/\.(gguf|bin)$/, '')
}

const typeOf = (dtype: DType): GgufTensorType => {
  const type = dtype.toUpperCase()
  if (Object.hasOwn(ggufTensorTypes, type)) return type as GgufTensorType
  throw new ConfigError(`GGUF has no tensors of ${dtype}`)
}

/** Weights whose errors are those of the scores themselves. */
const isHead = (weight: string) => /^(wte|lm_head|model\.embed_tokens)\.weight$/.test(weight)

const fewBits: readonly GgufFileType[] = ['q4_0', 'q4_1', 'q2_k', 'q4_k', 'q5_k']

function dtypeFor(type: GgufFileType, columns: number, head: boolean): DType {
  const wanted: DType[] = head && fewBits.includes(type) ? ['q6_k', 'q8_0', 'f16'] : [type, 'q8_0', 'f16']
  return wanted.find((dtype) => fits(dtype, columns))!
}
