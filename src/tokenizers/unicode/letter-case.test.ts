import { describe, expect, it } from 'vitest'
import { caseFamilies, lowerCaseOf } from './letter-case.ts'

describe('letter case', () => {
  it('lowers single characters', () => {
    expect(lowerCaseOf(0x51)).toBe('q')
    expect(lowerCaseOf(0x49a)).toBe('қ')
    expect(lowerCaseOf(0x130)).toBe('i\u0307')
    // No neighbours, so never the sigma of the end of a word.
    expect(lowerCaseOf(0x3a3)).toBe('σ')
    expect(lowerCaseOf(0x4e2d)).toBe('中')
    // Since Unicode 16 and 17.
    expect(lowerCaseOf(0x10d50)).toBe('\u{10d70}')
    expect(lowerCaseOf(0x16eb8)).toBe('\u{16ed3}')
    expect(lowerCaseOf(0xa7cb)).toBe('\u0264')
  })

  it('folds case simply', () => {
    const variants = (code: number) => caseFamilies().find((family) => family.includes(code)) ?? [code]
    expect(variants(0x73)).toEqual([0x53, 0x73, 0x17f])
    expect(variants(0x212a)).toEqual([0x4b, 0x6b, 0x212a])
    expect(variants(0x3b8)).toEqual([0x398, 0x3b8, 0x3d1, 0x3f4])
    expect(variants(0x49b)).toEqual([0x49a, 0x49b])
    expect(variants(0x345)).toContain(0x3b9)
    // Two characters are not one: ß folds to ẞ and not to ss, dotted I to nothing.
    expect(variants(0xdf)).toEqual([0xdf, 0x1e9e])
    expect(variants(0x130)).toEqual([0x130])
    expect(variants(0x31)).toEqual([0x31])
    // As many as CaseFolding.txt of Unicode 16 has with status C or S, each beside the one that it folds to.
    expect(caseFamilies().reduce((sum, family) => sum + family.length - 1, 0)).toBe(1484)
  })
})
