import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { byteLength } from '../../src/base/index.ts'
import { createState } from '../../src/compiler/index.ts'
import { gpt2 } from '../../src/models/index.ts'
import { parameterCount } from '../../src/nn/index.ts'
import { loadTensors, openBackend, saveTensors } from '../../src/node/index.ts'
import { adamw, adamw8bit, cosine, lion, muon, type Optimizer, sgd } from '../../src/optim/index.ts'
import { train } from '../../src/train/index.ts'
import { chain, entropyNats } from './chain.ts'

const model = gpt2({ vocabSize: 64, context: 32, width: 64, layers: 2, heads: 4 })
const steps = 240

let backend: Backend
beforeAll(async () => {
  backend = await openBackend({ threads: 2 })
})
afterAll(() => backend.close())

async function curve(optimizer: Optimizer, seed = 1) {
  const run = await train(model, chain(64, { batch: 8, tokens: 32 }), { backend, steps, optimizer, seed })
  const losses: number[] = []
  for await (const { lossNats } of run) losses.push(lossNats)
  const bytes = run.optimizerStates.reduce((sum, { shape, dtype }) => sum + byteLength(dtype, shape), 0)
  run.release()
  return { losses, bytes }
}

/** Mean distance of two curves. */
const distance = (a: number[], b: number[]) => a.reduce((sum, loss, i) => sum + Math.abs(loss - b[i]), 0) / a.length

describe('AdamW with 8-bit moments', () => {
  const options = { learningRate: cosine(3e-3) }

  it('learns as f32 moments do, in a quarter of their memory', { timeout: 120_000 }, async () => {
    const full = await curve(adamw(options))
    const small = await curve(adamw8bit(options))
    const other = await curve(adamw(options), 2)
    // What another seed of the weights changes is noise; rounding the moments has to change less.
    expect(distance(small.losses, full.losses)).toBeLessThan(distance(other.losses, full.losses) / 2)
    expect(full.bytes).toBe(8 * parameterCount(model.weights))
    // One byte a moment, and four for a scale of 256 of them or fewer.
    expect(small.bytes / full.bytes).toBeLessThan(0.26)
  })
})

describe('what an optimizer remembers', () => {
  it('comes back from a file with its dtypes, and is not taken for that of another', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'alippe-'))
    const path = join(folder, 'optim.safetensors')
    const expected = (optimizer: Optimizer) =>
      Object.fromEntries(
        Object.entries(model.weights).flatMap(([name, spec]) =>
          optimizer.states(name, spec).map((one) => [one.name, one] as const),
        ),
      )
    const optimizer = adamw8bit({ learningRate: 1e-3 })
    const run = await train(model, chain(64, { batch: 2, tokens: 32 }), { backend, steps: 2, optimizer })
    for await (const _ of run);
    const names = run.optimizerStates.map(({ name }) => name)
    await saveTensors(path, run.state, names)
    const state = createState(backend)
    await loadTensors(path, state, expected(optimizer))
    for (const name of names) expect(await state.read(name)).toEqual(await run.state.read(name))
    const other = createState(backend)
    await expect(loadTensors(path, other, expected(adamw({ learningRate: 1e-3 })))).rejects.toThrow(
      'wte.weight.m must be F32 [64, 64], got U8 [64, 64]',
    )
    for (const one of [run, state, other]) one.release()
    await rm(folder, { recursive: true })
  })
})

describe('every optimizer', () => {
  it.each<[string, Optimizer]>([
    ['sgd', sgd({ learningRate: cosine(0.3) })],
    ['sgd with Nesterov', sgd({ learningRate: cosine(0.3), nesterov: true })],
    ['lion', lion({ learningRate: cosine(2e-3) })],
    ['muon', muon({ learningRate: cosine(3e-3) })],
  ])('%s learns what can be learned of a chain', { timeout: 120_000 }, async (_, optimizer) => {
    const { losses } = await curve(optimizer)
    const last = losses.slice(-20).reduce((sum, loss) => sum + loss, 0) / 20
    expect(losses[0]).toBeGreaterThan(Math.log(64) * 0.99)
    expect(last).toBeLessThan(entropyNats + 0.15)
  })
})
