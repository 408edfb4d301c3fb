import { expect, it } from 'vitest'
import { optimizerOf, trainOptionsOf } from './run-options.ts'
import { runSettings, type SessionSettings } from './run-settings.ts'

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

it('training is told what the settings say', () => {
  const usual = { steps: 7, seed: 3, clip: 0.5, accumulate: 2, precision: 'bf16' } as const
  const said = { ...usual, dropout: 0.1, labelSmoothing: 0.1, zLoss: 1e-4, ema: 0.99 }
  expect(trainOptionsOf({ ...settings, ...said })).toEqual(said)
})
