import { join } from 'node:path'
import { FormatError, isPacked, packings, rowsByteLength, sameShape, shapeText } from '../base/index.ts'
import { floatNames, type SafetensorsDType, safetensorsHeader } from '../formats/index.ts'
import { type LanguageModel, publishedLayout } from '../models/index.ts'
import { type StoredWeight, storedShape } from '../nn/index.ts'
import { makeFolder, writeAtomically } from './files.ts'
import type { ModelSource } from './model-source.ts'

/** What `quantization_config.quant_method` of a config.json says of these folders. */
const METHOD = 'alippe'

/** What config.json tells of a packed weight, whose bytes are a tensor of U8 under its name. */
interface Described extends StoredWeight {
  readonly shape: readonly number[]
}

/**
 * Writes a model with packed weights as a folder: config.json, model.safetensors, tokenizer.json. Packed weights are tensors of U8,
 * their rows one after another; `quantization_config` of config.json says what they are. One weight is in memory at a time.
 *
 * @throws FileError when the folder cannot be written; each file is the old one or the whole new one then
 *
 * @example
 * await exportQuantizedFolder(await openModelSource('published'), 'packed')
 */
export async function exportQuantizedFolder(source: ModelSource, folder: string): Promise<void> {
  const { model, stored, tokenizerText } = source
  const tensors: Record<string, Described> = {}
  const entries = Object.entries(model.weights).map(([name, { shape }]) => {
    const { dtype = 'f32', transposed = false } = stored[name] ?? {}
    if (!isPacked(dtype) && !transposed) {
      return { name, shape, dtype: floatNames[dtype as keyof typeof floatNames] as SafetensorsDType }
    }
    tensors[name] = { dtype, shape, ...(transposed && { transposed }) }
    return { name, shape: [source.bytes(name).length], dtype: 'U8' as const }
  })
  const header = safetensorsHeader(entries)
  await makeFolder(folder)
  await writeAtomically(
    join(folder, 'model.safetensors'),
    (async function* () {
      yield header.bytes
      for (const { name } of header.entries) yield source.bytes(name)
    })(),
  )
  const config = {
    ...publishedLayout(model.family).config(model),
    quantization_config: { quant_method: METHOD, tensors },
  }
  const write = (name: string, text: string) => writeAtomically(join(folder, name), new TextEncoder().encode(text))
  await write('config.json', `${JSON.stringify(config, null, 2)}\n`)
  if (tokenizerText !== undefined) await write('tokenizer.json', tokenizerText)
}

/**
 * Weights of a folder that are packed, as its config.json tells; empty for folders of plain weights.
 *
 * @param config entries of config.json
 * @throws FormatError when the folder was quantized by somebody else, or what it says of a weight cannot be
 */
export function packedWeights(
  config: Readonly<Record<string, unknown>>,
  model: LanguageModel,
  file: string,
): ReadonlyMap<string, StoredWeight> {
  const said = config.quantization_config as { quant_method?: unknown; tensors?: unknown } | null | undefined
  if (said === undefined || said === null) return new Map()
  const fail = (fact: string): never => {
    throw new FormatError(`${file}: quantization_config: ${fact}`)
  }
  if (said.quant_method !== METHOD) {
    return fail(`expected quant_method "${METHOD}", got ${JSON.stringify(said.quant_method)?.slice(0, 80)}`)
  }
  const { tensors } = said
  if (typeof tensors !== 'object' || tensors === null || Array.isArray(tensors))
    return fail('expected an object of tensors')
  return new Map(
    Object.entries(tensors).map(([name, each]): [string, StoredWeight] => {
      if (!Object.hasOwn(model.weights, name)) return fail(`there is no weight ${name} in this model`)
      const { dtype, shape, transposed = false } = (each ?? {}) as Partial<Described>
      const known = model.weights[name].shape
      if (!Array.isArray(shape) || !sameShape(shape, known)) return fail(`${name} must be ${shapeText(known)}`)
      const isKnown = typeof dtype === 'string' && (Object.hasOwn(packings, dtype) || Object.hasOwn(floatNames, dtype))
      if (!isKnown || typeof transposed !== 'boolean') return fail(`${name} is of no known dtype`)
      const laid = storedShape(known, { transposed })
      if (known.length !== 2 || (isPacked(dtype) && laid[1] % packings[dtype].elements !== 0)) {
        return fail(`${name} ${shapeText(laid)} cannot be ${dtype}`)
      }
      return [name, transposed ? { dtype, transposed } : { dtype }]
    }),
  )
}

/** Bytes that a weight takes in file layout. */
export function storedBytes(stored: StoredWeight, shape: readonly number[]): number {
  return rowsByteLength(stored.dtype, storedShape(shape, stored))
}
