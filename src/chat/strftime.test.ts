import { expect, it } from 'vitest'
import { strftime } from './strftime.ts'

it('writes dates as Python does', () => {
  const evening = new Date(2024, 1, 9, 20, 5, 3)
  expect(strftime(evening, '%Y-%m-%d %H:%M:%S %y %e %j')).toBe('2024-02-09 20:05:03 24  9 040')
  expect(strftime(evening, '%A %a %B %b %I %p %%')).toBe('Friday Fri February Feb 08 PM %')
  expect(strftime(evening, '%-d %-j %-I %q')).toBe('9 40 8 %q')
  expect(strftime(new Date(2024, 0, 1, 0, 0), '%I %p')).toBe('12 AM')
})
