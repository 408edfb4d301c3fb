import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { byteLength, isPacked, packedRowBytes, random, sizeOf } from '../../src/base/index.ts'
import { gpt2, gpt2Sizes, type LanguageModel, llama } from '../../src/models/index.ts'
import type { StoredWeight } from '../../src/nn/index.ts'
import { exportGguf, type GgufFileType, type ModelSource } from '../../src/node/index.ts'
import { toBytes } from '../../src/packing/index.ts'
import { trainBpe, writeTokenizerJson } from '../../src/tokenizers/index.ts'

/** The models that inference is measured with. */
export const inferenceModels = {
  /** The shape of a Llama of 1.04 B parameters. */
  'llama-1b': () =>
    llama({ vocabSize: 32000, context: 2048, width: 2048, layers: 16, heads: 32, keyValueHeads: 8, hidden: 8192 }),
  'gpt2-124m': () => gpt2(gpt2Sizes['gpt2-124m']),
} as const

export type InferenceModel = keyof typeof inferenceModels

/**
 * A GGUF file of a model with random weights, made once and kept in the system's folder for such files. Rows repeat after
 * some: what the numbers are matters to no kernel, and drawing a thousand million of them takes minutes.
 */
export async function randomGguf(name: InferenceModel, type: GgufFileType): Promise<string> {
  const folder = join(tmpdir(), 'alippe-bench-models')
  const path = join(folder, `${name}-${type}.gguf`)
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    await exportGguf(randomSource(inferenceModels[name](), type), path, { type, name })
  }
  return path
}

/** Rows that differ. */
const DRAWN = 64

function randomSource(model: LanguageModel, type: GgufFileType): ModelSource {
  const stored: Record<string, StoredWeight> = {}
  for (const [name, { shape }] of Object.entries(model.weights)) {
    if (shape.length < 2 || name === 'wpe.weight') continue
    const transposed = model.family === 'gpt2' && name !== 'wte.weight'
    // As exportGguf would have it: nothing is packed anew.
    const isHead = name === 'wte.weight' || name === 'model.embed_tokens.weight'
    stored[name] = { dtype: isHead && type.startsWith('q4') ? 'q6_k' : type, transposed }
  }
  return {
    kind: 'random weights',
    tokenizerText: writeTokenizerJson(
      trainBpe('the words of a small tokenizer', { vocabSize: 260, specials: ['<|endoftext|>'] }),
    ),
    path: 'random',
    model,
    stored,
    bytes(name) {
      const { shape } = model.weights[name]
      const { dtype = 'f32', transposed = false } = stored[name] ?? {}
      if (shape.length === 1)
        return toBytes('f32', new Float32Array(shape[0]).fill(name.endsWith('bias') ? 0 : 1), shape[0])
      const columns = transposed ? shape[0] : shape[1]
      const rows = sizeOf(shape) / columns
      const rng = random(name.length)
      const values = Float32Array.from({ length: DRAWN * columns }, () => (rng.next() - 0.5) * 0.07)
      const tile = toBytes(dtype, values, columns)
      const rowBytes = isPacked(dtype) ? packedRowBytes(dtype, columns) : byteLength(dtype, [columns])
      const bytes = new Uint8Array(rows * rowBytes)
      for (let at = 0; at < bytes.length; at += tile.length)
        bytes.set(tile.subarray(0, Math.min(tile.length, bytes.length - at)), at)
      return bytes
    },
    close() {},
  }
}
