import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALIGNMENT, type Lifetime, layout, peakOf } from './memory.ts'

const lifetime = fc
  .tuple(fc.nat(2000), fc.integer({ min: -1, max: 40 }), fc.nat(12))
  .map(([bytes, first, length]): Lifetime => ({ bytes, first, last: first + length }))
const lifetimes = fc.array(lifetime, { maxLength: 60 })

const together = (a: Lifetime, b: Lifetime) => a.first <= b.last && b.first <= a.last

describe('layout', () => {
  it('never places two values that live at once on the same bytes', () => {
    fc.assert(
      fc.property(lifetimes, (values) => {
        const { offsets, bytes } = layout(values)
        values.forEach((a, i) => {
          expect(offsets[i] % ALIGNMENT).toBe(0)
          expect(offsets[i] + a.bytes).toBeLessThanOrEqual(bytes)
          for (let j = 0; j < i; j++) {
            const b = values[j]
            if (!together(a, b) || a.bytes === 0 || b.bytes === 0) continue
            expect(offsets[i] + a.bytes <= offsets[j] || offsets[j] + b.bytes <= offsets[i]).toBe(true)
          }
        })
      }),
    )
  })

  it('takes at least the peak, at most the sum', () => {
    fc.assert(
      fc.property(lifetimes, (values) => {
        const { bytes } = layout(values)
        const rounded = values.map((value) => Math.ceil(value.bytes / ALIGNMENT) * ALIGNMENT)
        expect(bytes).toBeGreaterThanOrEqual(peakOf(values).bytes)
        expect(bytes).toBeLessThanOrEqual(rounded.reduce((total, size) => total + size, 0))
      }),
    )
  })

  it('takes no more than the peak when lifetimes are nested, as those of a forward and its backward are', () => {
    // Value i is kept from step i of the forward to its mirror step of the backward.
    const steps = 24
    const values = Array.from({ length: steps }, (_, i) => ({
      bytes: 64 * (1 + ((i * 7) % 5)),
      first: i,
      last: 2 * steps - i,
    }))
    expect(layout(values).bytes).toBe(peakOf(values).bytes)
  })

  it('uses the same bytes again', () => {
    const values = [0, 1, 2, 3].map((i) => ({ bytes: 100, first: i, last: i + 1 }))
    expect(layout(values)).toEqual({ offsets: [0, 128, 0, 128], bytes: 256 })
  })

  it('fills a gap that is large enough', () => {
    const values = [
      { bytes: 192, first: 0, last: 1 },
      { bytes: 128, first: 0, last: 4 },
      { bytes: 64, first: 2, last: 4 },
      { bytes: 65, first: 3, last: 4 },
    ]
    expect(layout(values)).toEqual({ offsets: [0, 192, 128, 0], bytes: 320 })
  })

  it('of nothing is nothing', () => {
    expect(layout([])).toEqual({ offsets: [], bytes: 0 })
    expect(peakOf([]).bytes).toBe(0)
  })
})

describe('peakOf', () => {
  it('counts both ends of a lifetime, in whole places', () => {
    const values = [
      { bytes: 1, first: 0, last: 2 },
      { bytes: 64, first: 2, last: 3 },
      { bytes: 65, first: 3, last: 3 },
    ]
    expect(peakOf(values).bytes).toBe(192) // step 3: 64 + 128
    expect(peakOf(values.slice(0, 2)).bytes).toBe(128) // step 2
  })

  it('is the greatest sum over the steps', () => {
    fc.assert(
      fc.property(lifetimes, (values) => {
        let peak = 0
        for (let at = -1; at <= 60; at++) {
          const alive = values.filter(({ first, last }) => first <= at && at <= last)
          const bytes = alive.reduce((total, value) => total + Math.ceil(value.bytes / ALIGNMENT) * ALIGNMENT, 0)
          peak = Math.max(peak, bytes)
        }
        expect(peakOf(values).bytes).toBe(peak)
      }),
    )
  })
})
