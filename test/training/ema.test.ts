import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { createState, plan } from '../../src/compiler/index.ts'
import { llama } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw } from '../../src/optim/index.ts'
import { emaName, gradientStep, trainingStep } from '../../src/train/programs.ts'
import { type Run, type TrainOptions, train } from '../../src/train/train.ts'
import { noise } from './noise.ts'

const shape = { batch: 2, tokens: 16 }
const model = llama({ vocabSize: 50, context: 16, width: 32, layers: 2, heads: 2 })
const names = Object.keys(model.weights)
const optimizer = adamw({ learningRate: 1e-2 })
const batch = noise(50, shape).next().value

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})
afterAll(() => backend.close())

const start = (options: Partial<TrainOptions> = {}) =>
  train(model, noise(50, shape), { backend, steps: 8, optimizer, ema: 0.9, ...options })

/** The loss of weights that are given under their own names. */
async function lossOf(run: Run, weights: (name: string) => string): Promise<number> {
  const state = createState(backend)
  for (const name of names) {
    state.ensure([{ name, shape: model.weights[name].shape, dtype: 'f32' }])
    state.write(name, await run.state.read(weights(name)))
  }
  const other = await train(model, noise(50, shape), { backend, steps: 1, optimizer, state })
  const loss = await other.evaluate([batch])
  other.release()
  state.release()
  return loss
}

describe('the running mean of the weights', () => {
  it.each([1, 2])('is that of the weights after each step, with %d batches a step', async (accumulate) => {
    const run = await start({ accumulate })
    const decay = 0.9
    const sums = new Map(
      names.map((name) => [name, new Float64Array(run.state.places.get(name)!.shape.reduce((a, b) => a * b))]),
    )
    let total = 0
    let greatest = 0
    for await (const { step } of run) {
      total = decay * total + (1 - decay)
      for (const [name, sum] of sums) {
        const weight = (await run.state.read(name)) as Float32Array
        const mean = (await run.state.read(emaName(name))) as Float32Array
        for (let i = 0; i < sum.length; i++) {
          sum[i] = decay * sum[i] + (1 - decay) * weight[i]
          greatest = Math.max(greatest, Math.abs(weight[i]))
        }
        // A difference, a product, its factor and a sum: each step adds four roundings of numbers of that size at most.
        const worst = mean.reduce((most, value, i) => Math.max(most, Math.abs(value - sum[i] / total)), 0)
        expect(worst).toBeLessThan(4 * step * 2 ** -24 * 2 * greatest)
      }
    }
    run.release()
  })

  it('is what evaluates in the place of the weights, when asked for', async () => {
    const run = await start()
    expect(run.emaStates).toEqual(names.map(emaName))
    expect(await run.evaluate([batch], { ema: true })).toBe(await run.evaluate([batch])) // it begins equal
    for await (const _ of run);
    const [means, weights] = [await run.evaluate([batch], { ema: true }), await run.evaluate([batch])]
    expect(means).toBe(await lossOf(run, emaName))
    expect(weights).toBe(await lossOf(run, (name) => name))
    expect(means).not.toBe(weights)
    run.release()
  })

  it('begins at the weights of a state that has none', async () => {
    const first = await start({ ema: 0, steps: 3 })
    for await (const _ of first);
    expect(first.emaStates).toEqual([])
    await expect(first.evaluate([batch], { ema: true })).rejects.toThrow(
      'the run keeps no mean of its weights; set ema',
    )
    const second = await start({ state: first.state, from: 3 })
    for (const name of names) expect(await second.state.read(emaName(name))).toEqual(await first.state.read(name))
    second.release()
    first.release()
  })

  it('costs one call a weight, in place, and no memory beside the states', () => {
    const options = { optimizer, clip: 1 }
    const programs = [
      (ema: boolean) => plan(trainingStep(model, { ...shape, ...options, ema })),
      (ema: boolean) => plan(gradientStep(model, { ...options, ema })),
    ]
    for (const program of programs) {
      const [without, made] = [program(false), program(true)]
      expect(made.calls.length).toBe(without.calls.length + names.length)
      expect(made.arenaBytes - without.arenaBytes).toBeLessThanOrEqual(64) // emaShare
      for (const name of names) {
        const segment = made.states.findIndex((spec) => spec.name === emaName(name)) + 1
        const calls = made.calls.filter(({ outputs }) => outputs.some((ref) => ref?.segment === segment))
        expect(calls.map(({ kernel }) => kernel)).toEqual(['elementwise'])
        expect(calls[0].inputs.some((ref) => ref?.segment === segment)).toBe(true)
        expect(calls[0].outputs).toHaveLength(1)
      }
    }
  })
})
