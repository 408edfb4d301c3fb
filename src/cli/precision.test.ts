import { expect, it } from 'vitest'
import { settlePrecision } from './precision.ts'
import { runSettings } from './run-settings.ts'

const { training } = runSettings.parse({})
const machine = (f32: number, bf16: number) => ({ peaks: async () => ({ f32, bf16, int8: 0, readGBs: 0 }) })
const auto = { ...training, precision: 'auto' } as const

it('auto is the precision with the higher peak, and says why', async () => {
  expect(await settlePrecision(auto, machine(500, 1000))).toEqual({
    settings: { ...training, precision: 'bf16' },
    why: 'bf16, the faster of: f32 500 GFLOP/s, bf16 1000 GFLOP/s',
  })
  expect((await settlePrecision(auto, machine(500, 400))).settings.precision).toBe('f32')
  const without = await settlePrecision(auto, machine(60, 0))
  expect(without.settings.precision).toBe('f32')
  expect(without.why).toBe('f32, the faster of: f32 60 GFLOP/s, bf16 no instruction')
})

it('a peak that a neighbour halved does not decide', async () => {
  const peaks = [
    [534, 293],
    [300, 1000],
    [500, 900],
  ]
  let asked = 0
  const disturbed = { peaks: async () => ({ f32: peaks[asked][0], bf16: peaks[asked++][1], int8: 0, readGBs: 0 }) }
  const { settings, why } = await settlePrecision(auto, disturbed)
  expect(settings.precision).toBe('bf16')
  expect(why).toBe('bf16, the faster of: f32 534 GFLOP/s, bf16 1000 GFLOP/s')
  expect(asked).toBe(2)
})

it('a run that goes on keeps what it began with, and nothing is measured', async () => {
  const peaks = () => Promise.reject(new Error('measured'))
  expect(await settlePrecision(auto, { peaks }, 'f32')).toEqual({
    settings: { ...training, precision: 'f32' },
    why: 'f32, as the run began',
  })
})

it('what the user said stays, and nothing is measured', async () => {
  const peaks = () => Promise.reject(new Error('measured'))
  const said = { ...training, precision: 'bf16' } as const
  expect(await settlePrecision(said, { peaks })).toEqual({ settings: said })
})
