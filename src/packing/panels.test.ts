import { describe, expect, it } from 'vitest'
import {
  byteLength,
  PANEL_ROWS,
  type PackedDType,
  packedRowBytes,
  packings,
  random,
  ShapeError,
} from '../base/index.ts'
import { panelLayouts } from './panel-fields.ts'
import { fromPanels, toPanels } from './panels.ts'

const dtypes = Object.keys(packings) as PackedDType[]

function noise(length: number): Uint8Array {
  const rng = random(length)
  return Uint8Array.from({ length }, () => rng.integer(256))
}

describe.each(dtypes)('panels of %s', (dtype) => {
  const { elements, bytes, header } = packings[dtype]
  const shape = [PANEL_ROWS + 3, 2 * elements] as const

  it('give back the rows they were made of', () => {
    const rows = noise(shape[0] * packedRowBytes(dtype, shape[1]))
    const panels = toPanels(dtype, rows, shape)
    expect(panels.length).toBe(byteLength(dtype, shape))
    expect(fromPanels(dtype, panels, shape)).toEqual(rows)
  })

  it.each([
    ['header', header],
    ['block', bytes],
  ] as const)('have one place for every bit of a %s', (part, size) => {
    const from = new Set<number>()
    const to = new Set<number>()
    for (const field of panelLayouts[dtype][part]) {
      expect((field.from & 7) + field.width).toBeLessThanOrEqual(8)
      for (let bit = 0; bit < field.width; bit++) {
        from.add(field.from + bit)
        for (let row = 0; row < PANEL_ROWS; row++) to.add(field.to + row * field.stride + bit)
      }
    }
    expect(from.size).toBe(8 * size)
    expect(to.size).toBe(8 * size * PANEL_ROWS)
    expect(Math.max(-1, ...from)).toBe(8 * size - 1)
    expect(Math.max(-1, ...to)).toBe(8 * size * PANEL_ROWS - 1)
  })

  it('refuse what is no matrix of them', () => {
    expect(() => toPanels(dtype, new Uint8Array(3), shape)).toThrow(ShapeError)
    expect(() => fromPanels(dtype, new Uint8Array(3), shape)).toThrow(ShapeError)
    expect(() => toPanels(dtype, new Uint8Array(3), [1, elements + 1])).toThrow(/whole blocks/)
  })
})
