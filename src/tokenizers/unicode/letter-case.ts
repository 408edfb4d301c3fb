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

let families: readonly (readonly number[])[] | undefined

/**
 * The characters that are equal where case does not matter, in ascending order: simple case folding, as in `(?i:s)`,
 * which matches s, S and ſ (U+017F). Only families of more than one. As of Unicode 16; that is stable by its policy.
 */
export function caseFamilies(): readonly (readonly number[])[] {
  families ??= allFamilies()
  return families
}

function allFamilies(): number[][] {
  const byCapital = new Map<string, number[]>()
  categories().forEach((category, code) => {
    if (!((cased >>> category) & 1) && code !== 0x345) return
    const key = lowerCaseOf(code).toUpperCase()
    if (!byCapital.get(key)?.push(code)) byCapital.set(key, [code])
  })
  const result: number[][] = []
  for (let rest of byCapital.values()) {
    while (rest.length > 1) {
      const [first] = rest
      const family = rest.filter((code) => isSameFolded(first, code))
      if (family.length > 1) result.push(family)
      rest = rest.filter((code) => !family.includes(code))
    }
  }
  return result
}

/** Upper case says too much where one becomes two (ß, SS). Regular expressions that ignore case fold simply. */
function isSameFolded(a: number, b: number): boolean {
  return lowerCaseOf(a) === lowerCaseOf(b) || new RegExp(String.fromCodePoint(a), 'iu').test(String.fromCodePoint(b))
}
