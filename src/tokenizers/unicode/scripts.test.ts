import { expect, it } from 'vitest'
import { scriptRanges } from './scripts.ts'

function size(name: string): number {
  return scriptRanges(name)!.reduce((sum, [first, last]) => sum + last - first + 1, 0)
}

it('has the characters of a script', () => {
  // From the Script property of the Unicode Character Database, version 16.
  expect(size('Han')).toBe(99030)
  expect(size('Cyrillic')).toBe(508)
  expect(size('latin')).toBe(1487)
  expect(scriptRanges('Thai')).toEqual([
    [0xe01, 0xe3a],
    [0xe40, 0xe5b],
  ])
  expect(scriptRanges('old italic')).toEqual(scriptRanges('Ital'))
  for (const name of ['Elvish', '', 'constructor']) expect(scriptRanges(name)).toBeUndefined()
})
