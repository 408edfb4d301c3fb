import { computed } from './arithmetic.ts'
import type { Entity } from './entity.ts'
import { entity, quantity } from './entity.ts'

const faces = new Map<number, Entity>()

/** A time of day as an entity, the same object each time: `7:05` is 425 minutes after midnight. */
export function clock(minutes: number): Entity {
  const ofDay = ((minutes % 1440) + 1440) % 1440
  let face = faces.get(ofDay)
  if (!face) {
    const text = `${Math.floor(ofDay / 60)}:${String(ofDay % 60).padStart(2, '0')}`
    faces.set(ofDay, (face = entity(text, text)))
  }
  return face
}

/** Minutes after midnight of a time made by {@link clock}. */
export function minutesOf(time: Entity): number {
  const [hours, minutes] = time.en.split(':').map(Number)
  return 60 * hours + minutes
}

/** The time so many minutes later, or earlier. */
export const later = (time: string, minutes: string, direction: 1 | -1 = 1) =>
  computed([time, minutes], (t, n) => clock(minutesOf(t) + direction * quantity(n)))

/** Of the Gregorian calendar. */
export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

/**
 * The day of the week in the Gregorian calendar, from 0 for Monday; month 1 to 12. After Sakamoto (1992): each month
 * begins so many days of the week after January, and January and February count to the year before.
 */
export function dayOfWeek(year: number, month: number, day: number): number {
  const y = month < 3 ? year - 1 : year
  const shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][month - 1]
  return (y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + shift + day + 6) % 7
}
