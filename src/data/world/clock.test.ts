import { expect, it } from 'vitest'
import { clock, dayOfWeek, isLeapYear, minutesOf } from './clock.ts'

it('knows the day of the week as the calendar of the host does', () => {
  for (let days = -40_000; days < 40_000; days += 13) {
    const date = new Date(days * 86_400_000)
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
    expect(dayOfWeek(year, month, day), date.toISOString()).toBe((date.getUTCDay() + 6) % 7)
    expect(isLeapYear(year)).toBe(new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1)
  }
  expect([1900, 2000, 2024, 2100].map(isLeapYear)).toEqual([false, true, true, false])
})

it('goes round at midnight', () => {
  expect(['7:05', '0:00', '23:59', '0:10']).toEqual([425, 0, -1, 1450].map((minutes) => clock(minutes).en))
  expect(minutesOf(clock(425))).toBe(425)
})
