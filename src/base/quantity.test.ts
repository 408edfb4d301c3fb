import { expect, it } from 'vitest'
import { ConfigError } from './errors.ts'
import { compact, duration, quantity, readQuantity } from './quantity.ts'

it('writes quantities with three digits and a prefix', () => {
  const values = [0, 7, 999, 999.4, 999.6, 1000, 124_439_808, 4.5e9, -2_300_000, 0.25, 1e22]
  expect(values.map((value) => quantity(value))).toEqual([
    '0',
    '7',
    '999',
    '999',
    '1 k',
    '1 k',
    '124 M',
    '4.5 G',
    '-2.3 M',
    '0.25',
    '10000 E',
  ])
  expect(quantity(1_234_567)).toBe('1.23 M')
  expect(quantity(4.5e9, 'B')).toBe('4.5 GB')
  expect(quantity(511e9, 'FLOP/s')).toBe('511 GFLOP/s')
  expect(quantity(3e-5, 's')).toBe('3.0e-5 s')
  expect(quantity(Number.NaN, 'B')).toBe('NaN B')
})

it('keeps the width of what is redrawn', () => {
  expect([18_200, 18_000, 950, 999.7, 1_000_000, 12.34, 0].map(compact)).toEqual([
    '18.2k',
    '18.0k',
    '950',
    '1.00k',
    '1.00M',
    '12.3',
    '0',
  ])
  expect(compact(Number.POSITIVE_INFINITY)).toBe('–')
})

it('writes times in two units, and never sixty of the smaller', () => {
  const seconds = [0.0123, 0.9996, 8.04, 9.96, 59.7, 112.4, 3599.6, 3600, 7384, 86_399, 200_000]
  expect(seconds.map((value) => duration(value * 1000))).toEqual([
    '12ms',
    '1.0s',
    '8.0s',
    '10s',
    '1m00s',
    '1m52s',
    '1h00m',
    '1h00m',
    '2h03m',
    '1d00h',
    '2d08h',
  ])
  expect(duration(Number.NaN)).toBe('–')
})

it('reads quantities as people type them', () => {
  const typed = ['7', '0.5', '.5k', '124M', '124m', '2.5B', '0.3G', '1.3 T', '1e18', '2.5e-3', '1.5E6', '3E', '2e3k']
  expect(typed.map(readQuantity)).toEqual([
    7, 0.5, 500, 124e6, 124e6, 2.5e9, 3e8, 1.3e12, 1e18, 0.0025, 1.5e6, 3e18, 2e6,
  ])
})

it.each(['', 'M', '-3', '0', '1e400', '12MB', '1,000', '0x10', 'NaN', 'Infinity', '1e'])('refuses %j', (text) => {
  expect(() => readQuantity(text)).toThrow(ConfigError)
})

it('reads what it wrote, within the three digits', () => {
  for (let value = 1.234e-2; value < 1e20; value *= 7.7) {
    expect(Math.abs(readQuantity(quantity(value)) / value - 1)).toBeLessThanOrEqual(0.005)
  }
})
