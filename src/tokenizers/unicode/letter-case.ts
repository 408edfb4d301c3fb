import { categories, categoryMask, isIn, unassigned } from './categories.ts'

/**
 * Lower case of one character, without looking at its neighbours: Σ is always σ, İ is i with a dot above.
 * As of Unicode 17.
 */
export function lowerCaseOf(codePoint: number): string {
  for (const [first, last, distance] of newLowerCase) {
    if (codePoint >= first && codePoint <= last) return String.fromCodePoint(codePoint + distance)
  }
  const character = String.fromCodePoint(codePoint)
  return isIn(codePoint, unassigned, 17) ? character : character.toLowerCase()
}

/** Capital letters of Unicode 16 and 17, which not every engine has: first, last, distance of the small letter. */
const newLowerCase: readonly (readonly [number, number, number])[] = [
  [0x1c89, 0x1c89, 1],
  [0xa7cb, 0xa7cb, 0x264 - 0xa7cb],
  [0xa7cc, 0xa7cc, 1],
  [0xa7ce, 0xa7ce, 1],
  [0xa7d2, 0xa7d2, 1],
  [0xa7d4, 0xa7d4, 1],
  [0xa7da, 0xa7da, 1],
  [0xa7dc, 0xa7dc, 0x19b - 0xa7dc],
  [0x10d50, 0x10d65, 0x20],
  [0x16ea0, 0x16eb8, 0x1b],
]

/** Where case is found: letters, Roman numerals, circled letters; and U+0345. */
const cased = ['LC', 'Nl', 'So'].reduce((mask, name) => mask | categoryMask(name)!, 0)

let variants: Map<number, readonly number[]> | undefined

/**
 * All characters that equal this one where case does not matter, itself among them: simple case folding, as in `(?i:s)`,
 * which matches s, S and ſ (U+017F). As of Unicode 16.
 */
export function caseVariants(codePoint: number): readonly number[] {
  variants ??= allVariants()
  return variants.get(codePoint) ?? [codePoint]
}

/** Characters that have a case variant, each with all of them. */
function allVariants(): Map<number, readonly number[]> {
  const families = new Map<string, number[]>()
  categories().forEach((category, code) => {
    if (!((cased >>> category) & 1) && code !== 0x345) return
    const character = String.fromCodePoint(code)
    const key = character.toLowerCase().toUpperCase()
    if (!families.get(key)?.push(code)) families.set(key, [code])
  })
  const result = new Map<number, readonly number[]>()
  for (const family of families.values()) {
    if (family.length === 1) continue
    for (const code of family) {
      // Upper case says too much where one becomes two (ß, SS). Regular expressions that ignore case fold simply.
      const same = new RegExp(`^\\u{${code.toString(16)}}$`, 'iu')
      result.set(
        code,
        family.filter((other) => same.test(String.fromCodePoint(other))),
      )
    }
  }
  return result
}
