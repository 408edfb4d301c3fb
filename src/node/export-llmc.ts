import { ConfigError } from '../base/index.ts'
import { llmcHeader } from '../formats/index.ts'
import { writeAtomically } from './files.ts'
import { isWholeSection, llmcName } from './flat-source.ts'
import type { ModelSource } from './model-source.ts'
import { weightBytes } from './packed-bytes.ts'

/** llm.c wants the rows of the embedding to be a multiple of this. */
const ROWS = 128

/**
 * Writes a GPT-2 as a checkpoint of llm.c (`gpt2_124M.bin`), in f32 or bf16. The embedding gets rows of zeros up to a multiple
 * of 128.
 *
 * @throws ConfigError for another family, and for an epsilon that llm.c has no place for
 *
 * @example
 * const state = createState(backend)
 * const small = gpt2({ vocabSize: 256, context: 16, width: 32, layers: 1, heads: 2 })
 * state.ensure(Object.entries(small.weights).map(([name, { shape }]) => ({ name, shape, dtype: 'f32' })))
 * await savePublished('published', small, state)
 * await exportLlmc(await openModelSource('published'), 'model.bin')
 */
export async function exportLlmc(source: ModelSource, path: string, type: 'f32' | 'bf16' = 'f32'): Promise<void> {
  const { family, config, vocabSize, context, cacheSize } = source.model
  if (family !== 'gpt2') throw new ConfigError(`llm.c knows GPT-2 only, got ${family}`)
  const epsilon = config.layer_norm_epsilon ?? 1e-5
  if (epsilon !== 1e-5) throw new ConfigError(`llm.c has no place for layer_norm_epsilon ${epsilon}: it is always 1e-5`)
  const width = Number(config.n_embd)
  const paddedVocabSize = Math.ceil(vocabSize / ROWS) * ROWS
  const sizes = { context, vocabSize, layers: cacheSize.layers, heads: Number(config.n_head), width, paddedVocabSize }
  const { bytes, sections } = llmcHeader(type === 'f32' ? 'F32' : 'BF16', sizes)
  await writeAtomically(
    path,
    (async function* () {
      yield bytes
      for (const { name, shape } of sections) {
        for (let layer = 0; layer < (isWholeSection(name) ? 1 : sizes.layers); layer++)
          yield weightBytes(source, llmcName(name, layer), type, { transposed: shape.length === 3 })
        if (name === 'wte') yield new Uint8Array((paddedVocabSize - vocabSize) * width * (type === 'f32' ? 4 : 2))
      }
    })(),
  )
}
