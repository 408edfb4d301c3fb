import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { compile, createState } from '../../src/compiler/index.ts'
import { gpt2, type LanguageModel, llama, logits, mup } from '../../src/models/index.ts'
import { stateWeights } from '../../src/nn/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw, constant, linear, muon, type Optimizer, sgd } from '../../src/optim/index.ts'
import { input, multiply, traced } from '../../src/tensor/index.ts'
import { initialization, train } from '../../src/train/index.ts'
import { chain } from './chain.ts'

// The checks of Yang et al. 2022: that a few steps change activations alike at every width (appendix D.1, the coordinate
// check), and that the learning rate which is best for a narrow model is good for a wide one (figure 1).

const shape = { batch: 8, tokens: 16 }
const baseWidth = 32
const families = {
  gpt2: (width: number) => gpt2({ vocabSize: 64, context: 16, width, layers: 2, heads: width / 16 }),
  llama: (width: number) =>
    llama({ vocabSize: 64, context: 16, width, layers: 2, heads: width / 16, hidden: 3 * width, tied: false }),
}

let backend: Backend
beforeAll(async () => {
  backend = await openBackend({ threads: 2 })
})
afterAll(() => backend.close())

/** Mean absolute changes of the logits and of the last residual in five steps. */
async function changes(model: LanguageModel, optimizer: Optimizer): Promise<{ logits: number; residual: number }> {
  const state = createState(backend)
  const initial = compile(initialization(model, 1), { backend, state })
  await initial.run()
  const { result, taps } = traced(
    () => logits(model, stateWeights(model.weights), input('ids', [shape.batch, shape.tokens], 'i32')),
    { taps: ['blocks.1.residual'] },
  )
  const outputs = { logits: result, residual: taps['blocks.1.residual'] }
  const look = compile({ outputs }, { backend, state })
  const { inputs: ids } = chain(64, shape, 7).next().value
  const before = await look.run({ ids })
  const run = await train(model, chain(64, shape), { backend, steps: 5, optimizer, state })
  for await (const _ of run);
  const after = await look.run({ ids })
  const change = (name: keyof typeof outputs) =>
    Array.from(after[name], (value, i) => Math.abs(value - before[name][i])).reduce((sum, one) => sum + one) /
    after[name].length
  const found = { logits: change('logits'), residual: change('residual') }
  for (const one of [initial, run, look, state]) one.release()
  return found
}

describe('the coordinate check', () => {
  const options = { learningRate: constant(1e-2, { warmup: 0 }), weightDecay: 0 }

  it.each<[string, keyof typeof families, Optimizer]>([
    ['AdamW', 'gpt2', adamw(options)],
    ['AdamW', 'llama', adamw(options)],
    ['Muon', 'gpt2', muon(options)],
    ['SGD', 'llama', sgd({ learningRate: constant(0.3, { warmup: 0 }) })],
  ])('of %s on %s: changes grow with the width, but not in µP', { timeout: 60_000 }, async (_, family, optimizer) => {
    const narrow = await changes(families[family](baseWidth), optimizer)
    const growth = async (model: LanguageModel) => {
      const wide = await changes(model, optimizer)
      return { logits: wide.logits / narrow.logits, residual: wide.residual / narrow.residual }
    }
    for (const width of [64, 128, 256]) {
      const { logits, residual } = await growth(mup(families[family](width), { baseWidth }))
      for (const one of [logits, residual]) expect(one).toBeLessThan(1.25)
      for (const one of [logits, residual]) expect(one).toBeGreaterThan(0.5)
    }
    const plain = await growth(families[family](256))
    expect(plain.logits).toBeGreaterThan(2)
    expect(plain.residual).toBeGreaterThan(2)
  })
})

describe('the learning rate', () => {
  const rates = [2.5e-3, 5e-3, 1e-2, 2e-2]

  async function lastLoss(model: LanguageModel, rate: number): Promise<number> {
    const options = { backend, steps: 80, optimizer: adamw({ learningRate: linear(rate) }) }
    const run = await train(model, chain(64, shape), options)
    let sum = 0
    for await (const { step, lossNats } of run) if (step > 60) sum += lossNats / 20
    run.release()
    return sum
  }

  it('that is best for a narrow model makes a wide one better in µP, and worse without', {
    timeout: 60_000,
  }, async () => {
    const narrow = await Promise.all(rates.map((rate) => lastLoss(families.gpt2(baseWidth), rate)))
    const least = Math.min(...narrow)
    const best = rates[narrow.indexOf(least)]
    expect(best).toBeGreaterThan(rates[0])
    expect(await lastLoss(mup(families.gpt2(128), { baseWidth }), best)).toBeLessThan(least)
    expect(await lastLoss(families.gpt2(128), best)).toBeGreaterThan(least)
    // Without µP the wide one is best at a fraction of it.
    expect(await lastLoss(families.gpt2(128), best / 4)).toBeLessThan(least)
  })
})

describe('a last norm that is 1/m as large', () => {
  it('is a factor before the output embedding', async () => {
    const plain = families.gpt2(128)
    const { weights } = mup(plain, { baseWidth })
    const readout = Object.entries(plain.weights).filter(([, { role }]) => role === 'readout')
    const scaled: LanguageModel = {
      ...plain,
      weights: { ...weights, ...Object.fromEntries(readout) },
      features: (...args) => multiply(plain.features(...args), baseWidth / 128),
    }
    const losses = async (model: LanguageModel) => {
      const optimizer = adamw({ learningRate: constant(1e-2, { warmup: 0 }) })
      const run = await train(model, chain(64, shape), { backend, steps: 6, optimizer, clip: 0 })
      const found: number[] = []
      for await (const { lossNats } of run) found.push(lossNats)
      run.release()
      return found
    }
    const [one, other] = [await losses({ ...plain, weights }), await losses(scaled)]
    // A factor of 1/4 is exact; what differs is the weight of AdamW's epsilon, some 1e-8 of gradients above 1e-5.
    for (const [i, loss] of one.entries()) expect(Math.abs(loss - other[i])).toBeLessThan(1e-3)
    expect(one[5]).toBeLessThan(one[0] - 0.3)
  })
})
