import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { compile, createState } from '../../src/compiler/index.ts'
import type { Batch } from '../../src/data/index.ts'
import { gpt2, gpt2Sizes, type LanguageModel, llama } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw, cosine } from '../../src/optim/index.ts'
import { type BatchSource, evaluation, initialization, type TrainOptions, train } from '../../src/train/index.ts'
import { always, noise } from './noise.ts'

const shape = { batch: 4, tokens: 32 }
const small = { vocabSize: 96, context: 32, width: 64, layers: 2, heads: 4 }

let native: Backend
let oneThread: Backend
beforeAll(async () => {
  native = await openBackend({ threads: 2 })
  oneThread = await openBackend({ threads: 1 })
})
afterAll(async () => {
  await native.close()
  await oneThread.close()
})

async function losses(
  model: LanguageModel,
  data: BatchSource,
  options: Partial<TrainOptions> & { backend: Backend; steps: number },
) {
  const optimizer = adamw({ learningRate: cosine(1e-2, { warmup: 4 }) })
  const run = await train(model, data, { optimizer, seed: 7, ...options })
  const found: number[] = []
  for await (const { lossNats } of run) found.push(lossNats)
  return { found, run }
}

async function weightBits(run: { state: ReturnType<typeof createState> }): Promise<string> {
  const parts: string[] = []
  for (const name of run.state.places.keys()) {
    const values = await run.state.read(name)
    parts.push(name, Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'))
  }
  return parts.join('\n')
}

describe('the first loss', () => {
  it.each([
    ['gpt2 124M', gpt2(gpt2Sizes['gpt2-124m'])],
    ['llama, tied', llama({ vocabSize: 2048, context: 64, width: 256, layers: 4, heads: 8, keyValueHeads: 2 })],
    ['llama, untied', llama({ vocabSize: 2048, context: 64, width: 256, layers: 4, heads: 8, tied: false })],
    ['gpt2, tiny', gpt2({ vocabSize: 512, context: 64, width: 128, layers: 4, heads: 4 })],
  ])('of %s is ln V within 1 %', async (_, model) => {
    const state = createState(native)
    const initial = compile(initialization(model, 1), { backend: native, state })
    await initial.run()
    const program = compile(evaluation(model, { batch: 2, tokens: 64 }), { backend: native, state })
    const { inputs, targets } = noise(model.vocabSize, { batch: 2, tokens: 64 }).next().value
    const { total, count } = await program.run({ ids: inputs, targets })
    expect(count[0]).toBe(128)
    const uniform = Math.log(model.vocabSize)
    expect(Math.abs(total[0] / count[0] - uniform) / uniform).toBeLessThan(0.01)
    program.release()
    initial.release()
    state.release()
  })
})

describe('training', () => {
  it.each([
    ['gpt2', gpt2(small)],
    ['llama', llama({ ...small, keyValueHeads: 2 })],
  ])('%s learns one batch by heart', async (_, model) => {
    const batch = noise(96, shape).next().value
    const { found } = await losses(model, always(batch), { backend: native, steps: 200 })
    expect(found[found.length - 1]).toBeLessThan(0.01)
  })

  // Written by the reference backend; they change only when the mathematics of a run changes.
  const golden = [
    4.573853969573975, 4.587404727935791, 4.595363140106201, 4.561820030212402, 4.662313938140869, 4.618954181671143,
    4.629006862640381, 4.621450424194336, 4.614776134490967, 4.662474632263184,
  ]
  it('gives the golden losses on the reference backend', async () => {
    const { found } = await losses(gpt2({ ...small, layers: 1 }), noise(96, shape), {
      backend: referenceBackend(),
      steps: 10,
    })
    for (const [i, loss] of found.entries()) expect(loss).toBeCloseTo(golden[i], 5)
  })

  it('gives them on the native engine too', async () => {
    const { found } = await losses(gpt2({ ...small, layers: 1 }), noise(96, shape), { backend: native, steps: 10 })
    // f32 sums of at most 128 terms a row differ by parts in 10⁶; ten steps of a rate of 1e-2 make it parts in 10⁴.
    for (const [i, loss] of found.entries()) expect(Math.abs(loss - golden[i])).toBeLessThan(1e-3)
  })

  it.each(['f32', 'bf16'] as const)('gives the same bits with one thread and with two, in %s', async (precision) => {
    const model = llama({ ...small, keyValueHeads: 2 })
    const one = await losses(model, noise(96, shape), { backend: oneThread, steps: 12, precision })
    const two = await losses(model, noise(96, shape), { backend: native, steps: 12, precision })
    expect(two.found).toEqual(one.found)
    expect(await weightBits(two.run)).toBe(await weightBits(one.run))
  })

  it('sums the gradients of several batches as one large batch would', async () => {
    const model = gpt2(small)
    const { inputs, targets } = noise(96, { batch: 8, tokens: 32 }).next().value
    const half = (i: number): Batch => ({
      ...shape,
      inputs: inputs.slice(i * 128, (i + 1) * 128),
      targets: targets.slice(i * 128, (i + 1) * 128),
    })
    const whole = await losses(model, always({ inputs, targets, batch: 8, tokens: 32 }), {
      backend: native,
      steps: 5,
    })
    const parts = await losses(model, always(half(0), half(1)), { backend: native, steps: 5, accumulate: 2 })
    for (const [i, loss] of parts.found.entries()) expect(Math.abs(loss - whole.found[i])).toBeLessThan(1e-3)
  })

  it('stops with a clear error when the loss is not finite', async () => {
    const optimizer = adamw({ learningRate: 1e30 })
    const run = await train(gpt2(small), noise(96, shape), { backend: native, steps: 20, optimizer, clip: 0 })
    await expect(async () => {
      for await (const _ of run);
    }).rejects.toThrow(/the loss of batch 1 of step \d+ is .* and the gradient's norm/)
  })

  it('refuses settings that cannot be', async () => {
    const optimizer = adamw({ learningRate: 1e-3 })
    const options = { backend: native, steps: 2, optimizer }
    await expect(train(gpt2(small), noise(96, shape), { ...options, steps: 0 })).rejects.toThrow(
      'steps must be a whole number above 0, got 0',
    )
    await expect(train(gpt2(small), noise(96, { batch: 4, tokens: 64 }), options)).rejects.toThrow(
      'the model reads 32 at most',
    )
    await expect(train(gpt2(small), noise(96, shape), { ...options, from: 3 })).rejects.toThrow('raise steps')
  })
})
