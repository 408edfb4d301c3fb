import { expect, it } from 'vitest'
import { KeyTable } from './key-table.ts'

it('numbers keys in the order in which they come, through all its sizes', () => {
  const table = new KeyTable()
  const key = (i: number): [number, number] => [Math.imul(i, 0x9e3779b9) >>> 0, (i & 7) >>> 0] // low halves collide
  for (let i = 0; i < 5000; i++) expect(table.number(...key(i))).toBe(i)
  for (let i = 0; i < 5000; i++) {
    expect(table.number(...key(i))).toBe(i)
    expect(table.find(...key(i))).toBe(i)
  }
  expect(table.find(1, 1)).toBe(-1)
  expect(table.count).toBe(5000)
})
