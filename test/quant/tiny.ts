import { referenceBackend } from '../../src/backend/reference/index.ts'
import { sizeOf } from '../../src/base/index.ts'
import { compile, createState } from '../../src/compiler/index.ts'
import { type Batch, batches } from '../../src/data/index.ts'
import { gpt2, type LanguageModel, llama, logits } from '../../src/models/index.ts'
import { initialUpdates, stateWeights } from '../../src/nn/index.ts'
import { input } from '../../src/tensor/index.ts'

/** Models small enough for the reference backend, whose rows are whole blocks of 64. */
export const tinyModels: Readonly<Record<string, LanguageModel>> = {
  llama: llama({ vocabSize: 96, context: 32, width: 64, layers: 2, heads: 2, hidden: 128 }),
  'llama with shared values': llama({
    vocabSize: 96,
    context: 32,
    width: 64,
    layers: 2,
    heads: 2,
    keyValueHeads: 1,
    hidden: 128,
    tied: false,
  }),
  gpt2: gpt2({ vocabSize: 96, context: 32, width: 64, layers: 2, heads: 2 }),
}

export type WeightValues = ReadonlyMap<string, Float32Array>

/**
 * Weights as a model begins, but with gains, biases and channels that are not all alike: some are ten times as large, as in
 * trained models.
 */
export async function tinyWeights(model: LanguageModel): Promise<WeightValues> {
  const state = createState(referenceBackend())
  await compile({ outputs: {}, updates: initialUpdates(model.weights, 5) }, { backend: state.backend, state }).run()
  const weights = new Map<string, Float32Array>()
  for (const [name, { shape }] of Object.entries(model.weights)) {
    const values = ((await state.read(name)) as Float32Array).slice()
    for (let i = 0; i < sizeOf(shape); i++) {
      if (shape.length === 2) values[i] *= 4
      else values[i] = (i % 13 === 2 ? 10 : 1) * (values[i] + 0.3 * Math.sin(i + name.length))
    }
    weights.set(name, values)
  }
  return weights
}

/** Batches of ids that follow each other in no order. */
export async function tinyBatches(count: number, tokens = 32): Promise<Batch[]> {
  const ids = Uint32Array.from({ length: 4000 }, (_, i) => (i * i * 7 + i * 31) % 96)
  const drawn = batches(ids, { batch: 2, tokens, seed: 3 })
  return Promise.all(Array.from({ length: count }, (_, step) => drawn.at(step)))
}

/** `[B, T, V]` in f32. */
export async function tinyLogits(
  model: LanguageModel,
  weights: WeightValues,
  { inputs, batch, tokens }: Batch,
): Promise<Float32Array> {
  const state = createState(referenceBackend())
  const ids = input('ids', [batch, tokens], 'i32')
  const program = compile(
    { outputs: { y: logits(model, stateWeights(model.weights), ids) } },
    { backend: state.backend, state },
  )
  for (const { name } of program.plan.states) state.write(name, weights.get(name)!)
  const { y } = await program.run({ ids: inputs })
  return y as Float32Array
}
