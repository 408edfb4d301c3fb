import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import {
  bytesMovedBy,
  type Computation,
  compile,
  createState,
  load,
  type Plan,
  type PlanOptions,
  plan,
  recomputePolicies,
} from '../../src/compiler/index.ts'
import { gpt2, type LanguageModel, llama } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw } from '../../src/optim/index.ts'
import { initialization, trainingStep } from '../../src/train/index.ts'

// A program that forgets and computes again is the same program: every bit of the loss, of the gradients' norm and of the
// weights after some steps. So is one that stores as bf16 what would be rounded anyway.

const size = { vocabSize: 61, context: 12, width: 24, layers: 5, heads: 3 }
const shape = { batch: 2, tokens: 12 }
const tokens = shape.batch * shape.tokens
const optimizer = adamw({ learningRate: 1e-2 })

const models: Readonly<Record<string, LanguageModel>> = {
  gpt2: gpt2(size),
  llama: llama({ ...size, width: 30, keyValueHeads: 1, hidden: 40 }),
}

async function bitsAfter(backend: Backend, model: LanguageModel, options: PlanOptions): Promise<number[][]> {
  const state = createState(backend)
  const start = compile(initialization(model, 1), { backend, state })
  await start.run()
  const program = load(plan(stepOf(model), options), state)
  const results: number[][] = []
  for (let step = 0; step < 3; step++) {
    const ids = Int32Array.from({ length: tokens }, (_, i) => (i * i + 7 * step) % 61)
    const targets = ids.map((id) => (3 * id + 1) % 61)
    const { loss, norm } = await program.run({ ids, targets, step: [step], control: optimizer.control(step, 3) })
    results.push([loss[0], norm[0]])
  }
  for (const name of Object.keys(model.weights)) results.push([...(await state.read(name))])
  start.release()
  program.release()
  state.release()
  return results
}

function stepOf(model: LanguageModel): Computation {
  return trainingStep(model, { ...shape, optimizer, clip: 1, dropout: { rate: 0.2, seed: 5 } })
}

/** Half of the way from all that the program needs to the least that it can do with. */
function halfMemory(model: LanguageModel, precision: PlanOptions['precision']): number {
  const bytes = (options: PlanOptions) => {
    const { arenaBytes, stateBytes } = plan(stepOf(model), { precision, ...options })
    return arenaBytes + stateBytes
  }
  return (bytes({}) + bytes({ recompute: 'block' })) / 2
}

let native: Backend
let wasm: Backend
beforeAll(async () => {
  native = await openBackend()
  wasm = await openBackend({ backend: 'wasm', threads: 1 })
})
afterAll(async () => {
  await native.close()
  await wasm.close()
})

const engines: Readonly<Record<string, () => Backend>> = {
  reference: () => referenceBackend(),
  native: () => native,
  wasm: () => wasm,
}

describe.each(Object.keys(models))('a program of %s that forgets', (name) => {
  const model = models[name]

  it.each(
    Object.keys(engines).flatMap((engine) => [[engine, 'f32'] as const, [engine, 'bf16'] as const]),
  )('gives the same bits: %s, %s', async (engine, precision) => {
    const backend = engines[engine]()
    const whole = await bitsAfter(backend, model, { precision, narrow: false })
    const ways: PlanOptions[] = [
      { recompute: 'none' },
      { recompute: 'selective' },
      { recompute: 'block' },
      { recompute: 'sqrt' },
      { memory: halfMemory(model, precision) },
    ]
    for (const way of ways)
      expect(await bitsAfter(backend, model, { precision, ...way }), JSON.stringify(way)).toEqual(whole)
  })

  it('draws other numbers in other steps', async () => {
    // What the test above would not notice: dropout that is the same everywhere is replayed by any means.
    const state = createState(native)
    const start = compile(initialization(model, 1), { backend: native, state })
    await start.run()
    const program = load(plan({ outputs: { ...stepOf(model).outputs } }), state)
    const ids = Int32Array.from({ length: tokens }, (_, i) => i)
    const losses: number[] = []
    for (const step of [0, 0, 1])
      losses.push((await program.run({ ids, targets: ids, step: [step], control: [0, 1, 1] })).loss[0])
    expect(losses[1]).toBe(losses[0])
    expect(losses[2]).not.toBe(losses[0])
    for (const each of [start, program, state]) each.release()
  })
})

describe('what is forgotten', () => {
  const made = (options: PlanOptions) => plan(stepOf(gpt2({ ...size, layers: 9 })), options)

  it('follows the policy', () => {
    const kinds = (options: PlanOptions) => [...new Set(made(options).recomputed.map((each) => each.split('.').at(-1)))]
    expect(made({}).recomputed).toEqual([])
    expect(kinds({ recompute: 'selective' })).not.toContain('matmul')
    expect(kinds({ recompute: 'selective' })).toContain('layer-norm')
    expect(kinds({ recompute: 'block' })).toEqual(expect.arrayContaining(['matmul', 'attention', 'layer-norm']))
    const products = (options: PlanOptions) => made(options).recomputed.filter((each) => each.endsWith('matmul')).length
    // Four products a block; the last of a block gives what the next begins with, the last of three blocks what three do.
    expect(products({ recompute: 'block' })).toBe(9 * 3)
    expect(products({ recompute: 'sqrt' })).toBe(3 * (3 * 4 - 1))
  })

  it('makes room, and costs what is said', () => {
    const none = made({})
    for (const recompute of ['selective', 'block', 'sqrt'] as const) {
      const some = made({ recompute })
      expect(some.arenaBytes).toBeLessThan(none.arenaBytes)
      expect(some.flops).toBe(none.flops + some.recomputedFlops)
      expect(some.arena.activations).toBeLessThan(none.arena.activations)
    }
  })

  it('is as little as fits the memory', () => {
    const bytes = ({ arenaBytes, stateBytes }: Plan) => arenaBytes + stateBytes
    // What the search goes by: a machine does some ten operations while its memory moves a byte.
    const cost = ({ calls, callFlops }: Plan) =>
      calls.reduce((sum, call, i) => sum + Math.max(bytesMovedBy(call), callFlops[i] / 10), 0)
    const [most, least] = [bytes(made({})), bytes(made({ recompute: 'block' }))]
    let before = 0
    for (const share of [1, 0.9, 0.7, 0.5, 0.3, 0.1, 0]) {
      const memory = Math.ceil(least + share * (most - least))
      const some = made({ memory })
      expect(bytes(some)).toBeLessThanOrEqual(memory)
      expect(cost(some)).toBeGreaterThanOrEqual(before)
      before = cost(some)
    }
    expect(made({ memory: most }).recomputed).toEqual([])
    // The policy is one of the ways to fit.
    expect(before).toBeLessThanOrEqual(cost(made({ recompute: 'block' })))
  })

  it('can be as much as saves memory', () => {
    const { arenaBytes, stateBytes } = made({ memory: 'least' })
    for (const recompute of recomputePolicies) expect(arenaBytes).toBeLessThanOrEqual(made({ recompute }).arenaBytes)
    expect(made({ memory: arenaBytes + stateBytes }).arenaBytes).toBeLessThanOrEqual(arenaBytes)
  })

  it('is refused when nothing fits, with the least that would', () => {
    expect(() => made({ memory: 1e5 })).toThrow(
      /^memory: [\d.]+ kB too little: the values of a step need [\d.]+ kB at least, and state [\d.]+ kB; 100 kB are left/,
    )
    expect(() => made({ memory: 1e9, recompute: 'block' })).toThrow('give one of them')
  })

  it('says where in the arena the bytes are', () => {
    for (const options of [{}, { recompute: 'block' }] as const) {
      const { arena, arenaBytes } = made(options)
      expect(Object.values(arena).reduce((sum, bytes) => sum + bytes)).toBe(arenaBytes)
      expect(Math.min(...Object.values(arena))).toBeGreaterThanOrEqual(0)
    }
  })
})
