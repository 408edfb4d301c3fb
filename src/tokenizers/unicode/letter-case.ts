import { categories, categoryOf, isIn, unassigned } from './categories.ts'

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
  categories(16).forEach((_, code) => {
    if (code >= 0x80 && !/[LMNS]/.test(categoryOf(code))) return
    const character = String.fromCodePoint(code)
    const key = character.toUpperCase().toLowerCase()
    if (key === character && key.toUpperCase() === character) return
    const family = families.get(key)
    if (family === undefined) families.set(key, [code])
    else family.push(code)
  })
  const result = new Map<number, readonly number[]>()
  for (const family of families.values()) {
    for (const code of family) {
      // The engine knows simple folding where a regular expression ignores case; upper case alone says too much (ß, SS).
      const same = new RegExp(`^\\u{${code.toString(16)}}$`, 'iu')
      const equal = family.filter((other) => same.test(String.fromCodePoint(other)))
      if (equal.length > 1) result.set(code, equal)
    }
  }
  return result
}
