import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constant, cosine, linear, type Schedule, wsd } from './index.ts'

const steps = 200
const rates = (schedule: Schedule) => Array.from({ length: steps }, (_, step) => schedule(step, steps))

const schedules = {
  constant: (options = {}) => constant(2, options),
  linear: (options = {}) => linear(2, options),
  cosine: (options = {}) => cosine(2, options),
  wsd: (options = {}) => wsd(2, options),
}

describe.each(Object.entries(schedules))('%s', (name, schedule) => {
  it('rises in equal steps to the peak, by a number of steps or a share of the run', () => {
    const rise = Array.from({ length: 10 }, (_, step) => (2 * (step + 1)) / 10)
    expect(rates(schedule({ warmup: 10 })).slice(0, 10)).toEqual(rise)
    expect(rates(schedule({ warmup: 0.05 }))).toEqual(rates(schedule({ warmup: 10 })))
    expect(schedule({ warmup: 0 })(0, steps)).toBeCloseTo(2, 1)
  })

  it('never rises again, and ends at its floor', () => {
    const after = rates(schedule({ warmup: 10, floor: 0.25 })).slice(9)
    for (let i = 1; i < after.length; i++) expect(after[i]).toBeLessThanOrEqual(after[i - 1])
    expect(after.at(-1)).toBeCloseTo(name === 'constant' ? 2 : 0.5, 12)
  })

  it('stays within peak and floor for runs of any length', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 60 }), (step, length) => {
        const rate = schedule()(step % length, length)
        expect(rate >= 0 && rate <= 2).toBe(true)
      }),
    )
  })

  it('refuses a warm-up below 0', () => {
    expect(() => schedule({ warmup: -1 })).toThrow(`${name}: warmup must be 0 or more, got -1`)
  })
})

describe('shapes', () => {
  const options = { warmup: 0, floor: 0.1 }

  it('are at their middles where the papers say', () => {
    expect(linear(1, options)(100, 201)).toBeCloseTo(0.55, 12)
    expect(cosine(1, options)(100, 201)).toBeCloseTo(0.55, 12)
    expect(wsd(1, { ...options, decay: 1 })(99, 200)).toBeCloseTo(0.1 + 0.9 * (1 - Math.SQRT1_2), 12)
  })

  it('of WSD do not depend on the end before the fall', () => {
    const [short, long] = [100, 1000].map(
      (length) => (step: number) => wsd(1, { warmup: 10, decay: 0.1 })(step, length),
    )
    for (let step = 0; step < 90; step++) expect(short(step)).toBe(long(step))
    expect(short(90)).toBeLessThan(1)
    expect(long(90)).toBe(1)
  })

  it('want sensible numbers', () => {
    expect(() => wsd(1, { decay: 1.5 })).toThrow('wsd: decay must be from 0 to 1, got 1.5')
    expect(() => linear(-1)).toThrow('linear: the peak must be 0 or more, got -1')
    expect(() => cosine(1, { floor: 2 })).toThrow('cosine: floor must be from 0 to 1, got 2')
  })
})
