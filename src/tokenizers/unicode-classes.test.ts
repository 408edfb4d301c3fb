import { expect, it } from 'vitest'
import { letterRanges, numberRanges, spaceRanges, unicodeVersion } from './unicode-classes.ts'

function members(ranges: string): Set<number> {
  const set = new Set<number>()
  let at = 0
  const numbers = ranges.split(' ').map((n) => Number.parseInt(n, 36))
  for (let i = 0; i < numbers.length; i += 2) {
    at += numbers[i]
    for (let k = 0; k < numbers[i + 1]; k++) set.add(at++)
  }
  return set
}

it.runIf(process.versions.unicode === unicodeVersion)(
  `equals the engine's own classes (runs where the engine has Unicode ${unicodeVersion})`,
  () => {
    for (const [ranges, pattern] of [
      [letterRanges, /^\p{L}$/u],
      [numberRanges, /^\p{N}$/u],
      [spaceRanges, /^\p{White_Space}$/u],
    ] as const) {
      const set = members(ranges)
      let wrong = 0
      for (let code = 0; code < 0x110000; code++) {
        if (set.has(code) !== pattern.test(String.fromCodePoint(code))) wrong++
      }
      expect(wrong).toBe(0)
    }
  },
)
