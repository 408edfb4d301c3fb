import { expect, it } from 'vitest'
import { llama } from '../models/index.ts'
import { matrix, parameterCount } from '../nn/index.ts'
import { optimizerOf, trainOptionsOf } from './run-options.ts'
import { runSettings, type SessionSettings } from './run-settings.ts'

const model = llama({ vocabSize: 300, context: 16, width: 32, layers: 1, heads: 2 })
const settings = { ...runSettings.parse({}).training, precision: 'f32' } as SessionSettings

it('the optimizer goes as its settings say', () => {
  const rate = (step: number, more: Partial<SessionSettings>) =>
    optimizerOf({ ...settings, learningRate: 1e-2, warmup: 10, floor: 0.5, ...more }).control(step, 100)[0]
  expect(rate(0, {})).toBeCloseTo(1e-3)
  expect(rate(9, {})).toBeCloseTo(1e-2)
  expect(rate(99, {})).toBeCloseTo(5e-3)
  expect(rate(99, { schedule: 'constant' })).toBeCloseTo(1e-2)
  expect(rate(54, { schedule: 'linear' })).toBeCloseTo(7.5e-3)
  expect(rate(79, { schedule: 'wsd' })).toBeCloseTo(1e-2)
  const states = (optimizer: SessionSettings['optimizer']) =>
    optimizerOf({ ...settings, optimizer }).states('w', { shape: [4, 4], decays: true, initial: 0 } as never).length
  expect((['adamw', 'adamw-8bit', 'muon', 'sgd', 'lion'] as const).map(states).every((count) => count > 0)).toBe(true)
})

it.each([
  ['adamw', ['m', 'v']],
  ['adamw-8bit', ['m', 'm.scale', 'v', 'v.scale']],
  ['muon', ['momentum']],
  ['sgd', ['momentum']],
  ['lion', ['m']],
] as const)('%s remembers what it is known for', (optimizer, names) => {
  const spec = matrix([4, 4], 0.02)
  const states = optimizerOf({ ...settings, optimizer }).states('w', spec)
  expect(states.map(({ name }) => name)).toEqual(names.map((name) => `w.${name}`))
})

it.each(['adamw', 'adamw-8bit', 'muon', 'sgd', 'lion'] as const)('%s can be had with every schedule', (optimizer) => {
  for (const schedule of ['cosine', 'wsd', 'linear', 'constant'] as const) {
    const [rise, peak] = [0, 10].map(
      (step) => optimizerOf({ ...settings, optimizer, schedule, warmup: 10 }).control(step, 1000)[0],
    )
    expect(rise).toBeCloseTo(3e-4)
    expect(peak).toBeCloseTo(3e-3, 4)
  }
})

it('the decay of wsd is the last share of the run', () => {
  const at = (decay: number) => optimizerOf({ ...settings, schedule: 'wsd', decay }).control(850, 1000)[0]
  expect(at(0.1)).toBe(3e-3)
  expect(at(0.2)).toBeLessThan(3e-3)
})

it('training is told what the settings say', () => {
  const step = {
    steps: 7,
    seed: 3,
    clip: 0.5,
    accumulate: 2,
    precision: 'bf16',
    recompute: 'block',
  } as const
  const said = { ...step, dropout: 0.1, labelSmoothing: 0.2, zLoss: 0.3, ema: 0.4 }
  expect(trainOptionsOf({ ...settings, ...said }, model)).toMatchObject(said)
})

it('of the memory, training has what Node and the copy for checkpoints leave', () => {
  const memory = 1e12
  const left = (more: Partial<SessionSettings>) => trainOptionsOf({ ...settings, memory, ...more }, model).memory!
  const weights = 4 * parameterCount(model.weights)
  const without = left({ steps: 10, saveEvery: 10 }) // nothing is saved before the end
  expect(without).toBeLessThan(memory)
  expect(without - left({ steps: 11, saveEvery: 10, ema: 0.9 })).toBe(4 * weights)
  expect(trainOptionsOf(settings, model).memory).toBeUndefined()
})
