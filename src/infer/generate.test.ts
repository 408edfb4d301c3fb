import { afterAll, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { compile, createState } from '../compiler/index.ts'
import { llama } from '../models/index.ts'
import { initialUpdates } from '../nn/index.ts'
import { generator } from './generate.ts'

const backend = referenceBackend()
const state = createState(backend)
const model = llama({ vocabSize: 60, context: 16, width: 8, layers: 1, heads: 1 })
await compile({ outputs: {}, updates: initialUpdates(model.weights, 1) }, { backend, state }).run()
const writer = generator(model, state)
afterAll(() => {
  writer.release()
  state.release()
})

it('draws only what a smaller tokenizer has', async () => {
  const drawn = (vocabSize?: number) => Array.fromAsync(writer.generate([1], { maxTokens: 40, vocabSize }))
  expect(Math.max(...(await drawn()))).toBeGreaterThan(4)
  const few = await drawn(4)
  expect(new Set(few)).toEqual(new Set([0, 1, 2, 3]))
})
