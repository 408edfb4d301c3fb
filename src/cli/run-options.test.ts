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
  const said = { steps: 7, seed: 3, clip: 0.5, accumulate: 2, precision: 'bf16' } as const
  const more = { dropout: 0.1, labelSmoothing: 0.2, zLoss: 1e-4, ema: 0.99 }
  expect(trainOptionsOf({ ...settings, ...said, ...more })).toEqual({ ...said, ...more })
})

it('what cannot be had is refused', () => {
  expect(() => trainOptionsOf({ ...settings, recompute: 'block' })).toThrow('recompute is not there yet')
  expect(() => trainOptionsOf({ ...settings, memory: 2e9 })).toThrow('memory is not there yet')
})
