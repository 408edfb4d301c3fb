import { expect, it } from 'vitest'
import { createState, writeRows } from '../../src/compiler/index.ts'
import type { EngineOptions } from '../../src/infer/index.ts'
import { llama } from '../../src/models/index.ts'
import type { StoredWeights } from '../../src/nn/index.ts'
import { toBytes } from '../../src/packing/index.ts'
import { backends, weightsOf, withEngine } from './engines.ts'

const model = llama({ vocabSize: 96, context: 96, width: 64, layers: 2, heads: 4, keyValueHeads: 2, hidden: 128 })

it.each([
  ['q8_0', 'f32'],
  ['q4_0', 'f32'],
  ['int8', 'f32'],
  ['f16', 'f32'],
  ['bf16', 'f32'],
  ['bf16', 'bf16'],
] as const)(
  'weights in %s, products in %s: the same bits alone, among others, in chunks, and computed again',
  {
    timeout: 60_000,
  },
  async (dtype, precision) => {
    const backend = await backends.native()
    const plain = await weightsOf(model, backend)
    const state = createState(backend)
    const stored: Record<string, StoredWeights[string]> = {}
    for (const [name, { shape }] of Object.entries(model.weights)) {
      const values = (await plain.read(name)) as Float32Array
      const isMatrix = shape.length === 2
      if (isMatrix) stored[name] = { dtype }
      state.ensure([{ name, shape, dtype: isMatrix ? dtype : 'f32' }])
      await writeRows(state, name, toBytes(isMatrix ? dtype : 'f32', values, shape.at(-1)!))
    }
    const textsWith = (options: EngineOptions) =>
      withEngine(model, state, { stored, precision, ...options }, async (engine) => {
        const prompts = Array.from({ length: 20 }, (_, i) =>
          Array.from({ length: 1 + 4 * i }, (_, t) => (i + t * 7) % 96),
        )
        const requests = prompts.map((ids, seed) => engine.submit(ids, { maxTokens: 12, logprobs: 0, seed }))
        return Promise.all(requests.map((request) => Array.fromAsync(request)))
      })
    const alone = await textsWith({ maxTexts: 1, prefixCache: false })
    expect(new Set(alone.map((text) => text.map(({ id }) => id).join())).size).toBe(20)
    expect(await textsWith({ maxTexts: 32, cacheTokens: 4096 })).toEqual(alone)
    expect(await textsWith({ maxTexts: 7, chunk: 7, cacheTokens: 160 })).toEqual(alone)
    state.release()
    plain.release()
    await backend.close()
  },
)
