import { dirname, join } from 'node:path'
import { ConfigError, sizeOf } from '../base/index.ts'
import { llama2cHeader } from '../formats/index.ts'
import { writeLlama2cTokenizer } from '../tokenizers/formats/index.ts'
import { readTokenizerJson } from '../tokenizers/index.ts'
import { writeAtomically } from './files.ts'
import { isWholeSection, llama2cName } from './flat-source.ts'
import { rotaryRows } from './gguf-source.ts'
import type { ModelSource } from './model-source.ts'
import { weightBytes } from './packed-bytes.ts'

/** Elements of zeros that are written at once. */
const ZEROS = new Uint8Array(1 << 16)

/**
 * Writes a Llama as a checkpoint of llama2.c, version 0 (what run.c reads), in f32; and a tokenizer.bin beside it where the
 * tokenizer is one that llama2.c can have.
 *
 * @returns why there is no tokenizer.bin; undefined when there is
 * @throws ConfigError for another family, and for settings that llama2.c has no place for
 *
 * @example
 * const state = createState(backend)
 * state.ensure(Object.entries(model.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('published', model, state)
 * await exportLlama2c(await openModelSource('published'), 'model.bin')
 */
export async function exportLlama2c(source: ModelSource, path: string): Promise<string | undefined> {
  const { model } = source
  const { family, config, vocabSize, context, cacheSize } = model
  if (family !== 'llama') throw new ConfigError(`llama2.c knows Llamas only, got ${family}`)
  const fixed: [string, unknown, unknown][] = [
    ['rope_theta', config.rope_theta, 10000],
    ['rms_norm_eps', config.rms_norm_eps, 1e-5],
    ['rope_scaling', config.rope_scaling ?? null, null],
    ['head_dim', cacheSize.headWidth, Number(config.hidden_size) / Number(config.num_attention_heads)],
  ]
  for (const [name, value, expected] of fixed) {
    if (value !== expected)
      throw new ConfigError(`llama2.c has no place for ${name} ${JSON.stringify(value)}: it is always ${expected}`)
  }
  const heads = Number(config.num_attention_heads)
  const { bytes, sections } = llama2cHeader({
    version: 0,
    width: Number(config.hidden_size),
    hidden: Number(config.intermediate_size),
    layers: cacheSize.layers,
    heads,
    keyValueHeads: cacheSize.keyValueHeads,
    vocabSize,
    context,
    tied: config.tie_word_embeddings === true,
  })
  const rotaryHeads: Readonly<Record<string, number>> = { wq: heads, wk: cacheSize.keyValueHeads }
  await writeAtomically(
    path,
    (async function* () {
      yield bytes
      for (const { name, shape } of sections) {
        if (name.startsWith('freq_cis')) {
          yield* zeros(4 * sizeOf(shape))
          continue
        }
        for (let layer = 0; layer < (isWholeSection(name) ? 1 : cacheSize.layers); layer++) {
          const weight = weightBytes(source, llama2cName(name, layer), 'f32')
          const of = rotaryHeads[name]
          yield of === undefined ? weight : rotaryRows(weight, shape[1], of, 'neighbours')
        }
      }
    })(),
  )
  return writeTokenizer(source, join(dirname(path), 'tokenizer.bin'))
}

async function writeTokenizer({ tokenizerText, model }: ModelSource, path: string): Promise<string | undefined> {
  if (tokenizerText === undefined) return 'the model has no tokenizer'
  try {
    await writeAtomically(path, writeLlama2cTokenizer(readTokenizerJson(tokenizerText), model.vocabSize))
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

function* zeros(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}
