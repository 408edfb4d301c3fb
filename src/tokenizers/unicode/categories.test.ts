import { describe, expect, it } from 'vitest'
import {
  categories,
  categoryMask,
  isIn,
  isWhiteSpace,
  letters,
  marks,
  numbers,
  punctuation,
  type UnicodeVersion,
  unassigned,
} from './categories.ts'

const isOf = (name: string, code: number, version?: UnicodeVersion) => isIn(code, categoryMask(name)!, version)

function count(mask: number, version: UnicodeVersion): number {
  return categories(version).reduce((sum, category) => sum + ((mask >>> category) & 1), 0)
}

describe('categories', () => {
  it('are those of each version', () => {
    // From the General_Category of the Unicode Character Database.
    expect(count(categoryMask('Lu')!, 16)).toBe(1858)
    expect(count(categoryMask('Lu')!, 17)).toBe(1886)
    expect(count(numbers, 17)).toBe(1924)
    expect(count(numbers, 16)).toBe(1911)
    expect(count(marks, 9)).toBe(2097)
    expect(count(categoryMask('Cs')!, 8)).toBe(2048)
  })

  it('knows what was assigned when, and what was changed', () => {
    // Georgian capital letters came with 11, and their small letters had no case before.
    expect(isOf('Cn', 0x1c90, 9)).toBe(true)
    expect(isOf('Lu', 0x1c90)).toBe(true)
    expect(isOf('Lo', 0x10d0, 9)).toBe(true)
    expect(isOf('Ll', 0x10d0, 16)).toBe(true)
    // Sidetic came with 17.
    expect(isOf('Cn', 0x10940, 16)).toBe(true)
    expect(isOf('Lo', 0x10940, 17)).toBe(true)
    expect(isOf('Po', 0x166d, 8)).toBe(true)
    expect(isOf('So', 0x166d, 16)).toBe(true)
    expect(isOf('Cn', 0x10ffff)).toBe(true)
  })

  it('agrees with the engine on letters that both have', () => {
    // Unicode 9 is behind any engine, and what was a letter then is one today.
    for (let code = 0; code < 0x110000; code += 7) {
      if (isIn(code, letters, 9)) expect(/\p{L}|\p{M}/u.test(String.fromCodePoint(code)), code.toString(16)).toBe(true)
    }
  })

  it('has sets by name', () => {
    expect(categoryMask('L')).toBe(letters)
    expect(categoryMask('Letter')).toBe(letters)
    const cased = ['Lu', 'Ll', 'Lt'].reduce((mask, name) => mask | categoryMask(name)!, 0)
    expect(categoryMask('LC')).toBe(cased)
    expect(categoryMask('cased letter')).toBe(cased)
    expect(categoryMask('Punctuation')).toBe(punctuation)
    expect(categoryMask('Uppercase_Letter')).toBe(categoryMask('Lu'))
    expect(categoryMask('Cn')).toBe(unassigned)
    expect(categoryMask('C')! & unassigned).toBe(unassigned)
    for (const name of ['', 'X', 'Han', 'Lx', 'Lette', '__proto__']) expect(categoryMask(name), name).toBeUndefined()
  })

  it('has White_Space, which is not the white space of JavaScript', () => {
    const spaces = []
    for (let code = 0; code < 0x110000; code++) if (isWhiteSpace(code)) spaces.push(code)
    expect(spaces).toHaveLength(25)
    for (const code of [0x20, 0x09, 0x0d, 0x85, 0xa0, 0x2028, 0x3000]) expect(spaces).toContain(code)
    for (const code of [0, 0x1c, 0x200b, 0x180e, 0xfeff]) expect(spaces).not.toContain(code)
  })
})
