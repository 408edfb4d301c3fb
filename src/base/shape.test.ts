import { describe, expect, it } from 'vitest'
import { broadcastShapes, normalizeAxis, sameShape, shapeText, sizeOf } from './shape.ts'

describe('shapes', () => {
  it('have a size', () => {
    expect(sizeOf([])).toBe(1)
    expect(sizeOf([2, 3, 4])).toBe(24)
    expect(sizeOf([2, 0, 4])).toBe(0)
  })

  it('are printed and compared', () => {
    expect(shapeText([2, 3])).toBe('[2, 3]')
    expect(sameShape([2, 3], [2, 3])).toBe(true)
    expect(sameShape([2, 3], [3, 2])).toBe(false)
    expect(sameShape([2], [2, 1])).toBe(false)
  })

  it('broadcast from the last axis, either way round', () => {
    const fits: [number[], number[], number[]][] = [
      [[], [], []],
      [[3], [], [3]],
      [[2, 3], [3], [2, 3]],
      [
        [2, 1],
        [1, 5],
        [2, 5],
      ],
      [
        [4, 1, 6],
        [5, 1],
        [4, 5, 6],
      ],
      [
        [0, 3],
        [1, 3],
        [0, 3],
      ],
      [[1], [0], [0]],
    ]
    for (const [a, b, result] of fits) {
      expect(broadcastShapes(a, b)).toEqual(result)
      expect(broadcastShapes(b, a)).toEqual(result)
    }
  })

  it('do not broadcast when axes differ and neither is 1', () => {
    expect(broadcastShapes([2], [3])).toBeUndefined()
    expect(broadcastShapes([2, 3], [2])).toBeUndefined()
    expect(broadcastShapes([0], [3])).toBeUndefined()
  })

  it('count axes from the end when negative', () => {
    expect(normalizeAxis(-1, 3)).toBe(2)
    expect(normalizeAxis(-3, 3)).toBe(0)
    expect(normalizeAxis(2, 3)).toBe(2)
    for (const axis of [3, -4, 0.5, Number.NaN]) expect(() => normalizeAxis(axis, 3)).toThrow(RangeError)
    expect(() => normalizeAxis(0, 0)).toThrow(RangeError)
  })
})
