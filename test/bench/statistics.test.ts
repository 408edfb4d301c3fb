import { describe, expect, it } from 'vitest'
import { compare, figure, isMet, median } from '../../bench/runner/statistics.ts'
import { ConfigError } from '../../src/base/index.ts'

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10], // by number, not by text
  ])('of %j is %d', (values, middle) => expect(median(values)).toBe(middle))

  it('of nothing is an error', () => expect(() => median([])).toThrow(ConfigError))
})

describe('figure', () => {
  it('is the median with its spread, and a share of the peak', () => {
    expect(figure([30, 10, 20, 50, 40], 'GFLOP/s', 60)).toEqual({
      value: 30,
      unit: 'GFLOP/s',
      min: 10,
      max: 50,
      runs: 5,
      percentOfPeak: 50,
    })
  })

  it('has no share where there is no peak', () => expect(figure([1], 'ms')).not.toHaveProperty('percentOfPeak'))
})

describe('compare', () => {
  const ours = figure([200], 'x')
  it.each([
    ['rates', false, 2],
    ['times and bytes', true, 0.5],
  ])('of %s gives how many times better ours is', (_, lessIsBetter, ratio) => {
    const { peers } = compare({ case: 'a', ours, peers: { theirs: [90, 100, 110] }, lessIsBetter })
    expect(peers).toEqual([{ name: 'theirs', value: 100, unit: 'x', ratio }])
  })

  it('keeps quiet about a target that was not set', () => {
    expect(compare({ case: 'a', ours })).toEqual({ case: 'a', ours, peers: [], target: null, met: null })
  })
})

describe('isMet', () => {
  const ours = figure([10], 'ms', 20) // 50 %
  const peers = [2, 1.1, 3].map((ratio, i) => ({ name: String(i), value: 1, unit: 'ms', ratio }))
  it.each([
    ['value <= 10', true],
    ['value < 10', false],
    ['value >= 10.5', false],
    ['percentOfPeak >= 50', true],
    ['percentOfPeak > 50', false],
    ['ratio > 1', true],
    ['ratio > 1.1', false], // the best peer counts
  ])('%s is %s', (target, met) => expect(isMet(target, ours, peers)).toBe(met))

  it('does not judge what was not measured', () => {
    expect(isMet('ratio > 1', ours, [])).toBeNull()
    expect(isMet('percentOfPeak > 1', figure([1], 'ms'), [])).toBeNull()
  })

  it.each(['speed > 1', 'value = 1', 'value >= fast', 'value>=1'])('refuses %s', (target) =>
    expect(() => isMet(target, ours, peers)).toThrow(ConfigError))
})
