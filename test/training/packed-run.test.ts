import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { random } from '../../src/base/index.ts'
import type { Batch } from '../../src/data/index.ts'
import { gpt2, type LanguageModel, llama } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw } from '../../src/optim/index.ts'
import { type BatchSource, type Run, type TrainOptions, train } from '../../src/train/index.ts'

const shape = { batch: 4, tokens: 24 }
const size = { vocabSize: 48, context: 24, width: 32, layers: 2, heads: 2 }
const models: [string, LanguageModel][] = [
  ['llama', llama({ ...size, keyValueHeads: 1 })],
  ['gpt2', gpt2(size)],
]
const [[, model]] = models

let backend: Backend
let oneThread: Backend
beforeAll(async () => {
  backend = await openBackend({ threads: 2 })
  oneThread = await openBackend({ threads: 1 })
})
afterAll(async () => {
  await backend.close()
  await oneThread.close()
})

/** Random documents; the last of a row is padding now and then. */
function packedBatch(seed: number, batch = shape.batch): Batch & { documents: Int32Array } {
  const rng = random(seed)
  const { tokens } = shape
  const inputs = Int32Array.from({ length: batch * tokens }, () => rng.integer(size.vocabSize))
  const targets = Int32Array.from(inputs, () => rng.integer(size.vocabSize))
  const documents = new Int32Array(batch * tokens)
  for (let i = 0; i < documents.length; i++) {
    if (i % tokens > 0) documents[i] = documents[i - 1] + (rng.next() < 0.2 ? 1 : 0)
  }
  for (let row = 0; row < batch; row++) {
    const last = documents[(row + 1) * tokens - 1]
    if (last > 0 && rng.next() < 0.5)
      for (let i = row * tokens; i < (row + 1) * tokens; i++) if (documents[i] === last) targets[i] = -1
  }
  return { inputs, targets, documents, batch, tokens }
}

function source(packed: boolean, batchOf: (step: number) => Batch, from = 0): BatchSource {
  const endless = function* () {
    for (let step = from; ; step++) yield batchOf(step)
  }
  return Object.assign(endless(), { ...shape, packed })
}

async function finished(
  data: BatchSource,
  options: Partial<TrainOptions> & { model?: LanguageModel } = {},
): Promise<{ run: Run; losses: number[] }> {
  const optimizer = adamw({ learningRate: 1e-2 })
  const run = await train(options.model ?? model, data, { backend, optimizer, steps: 6, seed: 3, ...options })
  const losses: number[] = []
  for await (const { lossNats } of run) losses.push(lossNats)
  return { run, losses }
}

async function weightBits({ state, model }: Run): Promise<string[]> {
  const names = Object.keys(model.weights)
  const all = await Promise.all(names.map((name) => state.read(name)))
  return all.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString('base64'))
}

/** A batch without documents and every document of it in a row of its own: what it means to be packed. */
function unpacked({ inputs, targets, documents, tokens }: Batch & { documents: Int32Array }): Batch {
  const starts = [...documents.keys()].filter((i) => i % tokens === 0 || documents[i] !== documents[i - 1])
  const rows = Math.ceil(starts.length / shape.batch) * shape.batch
  const alone = { inputs: new Int32Array(rows * tokens), targets: new Int32Array(rows * tokens).fill(-1) }
  for (const [row, start] of starts.entries()) {
    const end = starts[row + 1] ?? documents.length
    alone.inputs.set(inputs.subarray(start, end), row * tokens)
    alone.targets.set(targets.subarray(start, end), row * tokens)
  }
  return { ...alone, batch: rows, tokens }
}

/** A batch in parts of the run's shape. */
function partsOf({ inputs, targets, documents, batch, tokens }: Batch): Batch[] {
  return Array.from({ length: batch / shape.batch }, (_, i) => {
    const part = (values: Int32Array) => values.slice(i * shape.batch * tokens, (i + 1) * shape.batch * tokens)
    return { ...shape, inputs: part(inputs), targets: part(targets), ...(documents && { documents: part(documents) }) }
  })
}

describe('training on packed rows', () => {
  it('gives the same bits with one thread and with two', async () => {
    const [one, two] = [
      await finished(source(true, packedBatch), { backend: oneThread }),
      await finished(source(true, packedBatch)),
    ]
    expect(two.losses).toEqual(one.losses)
    expect(await weightBits(two.run)).toEqual(await weightBits(one.run))
  })

  it('of one document each is training on rows of one text, bit for bit', async () => {
    const batchOf = (step: number): Batch => ({ ...packedBatch(step), documents: undefined })
    const [packed, plain] = [await finished(source(true, batchOf)), await finished(source(false, batchOf))]
    expect(packed.losses).toEqual(plain.losses)
    expect(await weightBits(packed.run)).toEqual(await weightBits(plain.run))
  })

  it.each(models)('goes on from a state as if it had never stopped: %s', async (_, each) => {
    const whole = await finished(source(true, packedBatch), { model: each })
    const first = await finished(source(true, packedBatch), { model: each, steps: 3 })
    // The schedule is constant, so where the first part ends does not matter.
    const rest = await finished(source(true, packedBatch, 3), { model: each, state: first.run.state, from: 3 })
    expect([...first.losses, ...rest.losses]).toEqual(whole.losses)
    expect(await weightBits(rest.run)).toEqual(await weightBits(whole.run))
  })

  it('takes each target for as much when a step is made of several batches', async () => {
    // One part with all targets, one with few, one with none.
    const large = packedBatch(5, 3 * shape.batch)
    const third = large.targets.length / 3
    large.targets.fill(-1, third + 3)
    const parts = partsOf(large)
    const whole = await finished(
      Object.assign(
        source(true, () => large),
        { batch: 12 },
      ),
      { steps: 4 },
    )
    const summed = await finished(
      source(true, (step) => parts[step % 3]),
      { steps: 4, accumulate: 3 },
    )
    // The first loss is one mean of the same numbers in another order: sums of 99 losses of about 4.
    expect(Math.abs(summed.losses[0] - whole.losses[0])).toBeLessThan(2 * 99 * 4 * 2 ** -24)
    // Four steps of a rate of 1e-2 turn parts in 10⁶ into parts in 10⁴; equal shares would be off by tenths.
    for (const [i, loss] of summed.losses.entries()) expect(Math.abs(loss - whole.losses[i])).toBeLessThan(1e-3)
  })

  it('says so when a step has nothing to learn', async () => {
    const nothing = { ...packedBatch(1), targets: new Int32Array(96).fill(-1) }
    await expect(finished(source(true, () => nothing))).rejects.toThrow('no batch of step 1 holds a target that counts')
  })

  it('does not pass over documents that its programs do not read', async () => {
    await expect(finished(source(false, packedBatch))).rejects.toThrow('give a source with packed: true')
  })
})

describe('evaluation', () => {
  it.each([true, false])('reads batches of both kinds, in a run that is packed: %s', async (packed) => {
    const { run } = await finished(
      source(packed, (step) => ({ ...packedBatch(step), documents: undefined })),
      { steps: 1 },
    )
    const batch = packedBatch(77)
    const rows = partsOf(unpacked(batch))
    const alone = await run.evaluate(rows)
    const together = await run.evaluate([batch])
    // The same losses, of about 4, summed in another order.
    const targets = batch.targets.filter((target) => target >= 0).length
    expect(Math.abs(together - alone)).toBeLessThan(2 * targets * 4 * 2 ** -24)
    expect(await run.evaluate(rows)).toBe(alone)
    // Read as one text, rows have another loss.
    expect(Math.abs((await run.evaluate([{ ...batch, documents: undefined }])) - alone)).toBeGreaterThan(1e-3)
  })
})
