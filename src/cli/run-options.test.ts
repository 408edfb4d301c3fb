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
})

it('training is told what the settings say', () => {
  const said = { steps: 7, seed: 3, clip: 0.5, accumulate: 2, precision: 'bf16' } as const
  expect(trainOptionsOf({ ...settings, ...said })).toEqual(said)
})
