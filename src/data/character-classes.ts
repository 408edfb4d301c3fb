import { categories, categoryMask } from '../tokenizers/index.ts'

/** What a character is to the outline of a text. */
export const characterClass = {
  /** Punctuation, symbols, unassigned and private characters. */
  other: 0,
  letter: 1,
  /** A digit of any script, or another number. */
  number: 2,
  /** Combining marks and joiners: they belong to the letter before. */
  mark: 3,
  space: 4,
  lineEnd: 5,
  /** A letter of a script that sets no spaces between words: a word of its own. */
  unspaced: 6,
  /** Half of a character beyond the basic plane. */
  surrogate: 7,
} as const

/** Scripts without spaces between words, within the basic plane: first and last characters. */
const unspacedBlocks: readonly (readonly [number, number])[] = [
  [0x0e00, 0x0eff], // Thai, Lao
  [0x0f00, 0x0fff], // Tibetan
  [0x1000, 0x109f], // Myanmar
  [0x1780, 0x17ff], // Khmer
  [0x3040, 0x30ff], // Hiragana, Katakana
  [0x31f0, 0x31ff], // Katakana
  [0x3400, 0x9fff], // Han
  [0xf900, 0xfaff], // Han
  [0xff66, 0xff9d], // half-width Katakana
]

const letters = categoryMask('L')! | categoryMask('Nl')!
const numbers = categoryMask('Nd')! | categoryMask('No')!
const marks = categoryMask('M')! | categoryMask('Cf')!
const separators = categoryMask('Z')!

let classes: Uint8Array | undefined
let small: Uint16Array | undefined

/** The class of each code unit: `[65536]`, not to be written to. As of Unicode 16. Cost: a few milliseconds, once. */
export function characterClasses(): Uint8Array {
  if (classes === undefined) {
    classes = new Uint8Array(0x10000)
    const table = categories(16)
    for (let unit = 0; unit < 0x10000; unit++) classes[unit] = classify(unit, table[unit])
    for (const [first, last] of unspacedBlocks) {
      for (let unit = first; unit <= last; unit++) {
        if (classes[unit] === characterClass.letter) classes[unit] = characterClass.unspaced
      }
    }
  }
  return classes
}

function classify(unit: number, category: number): number {
  if (unit === 0x0a || unit === 0x0d || unit === 0x85 || unit === 0x2028 || unit === 0x2029) {
    return characterClass.lineEnd
  }
  if (unit >= 0xd800 && unit <= 0xdfff) return characterClass.surrogate
  if (unit === 9 || unit === 11 || unit === 12) return characterClass.space
  const bit = 1 << category
  if (letters & bit) return characterClass.letter
  if (numbers & bit) return characterClass.number
  if (marks & bit) return characterClass.mark
  return separators & bit ? characterClass.space : characterClass.other
}

/** The class of a character beyond the basic plane. */
export function classBeyond(codePoint: number): number {
  if (codePoint >= 0x20000 && codePoint <= 0x3ffff) return characterClass.unspaced
  return classify(codePoint, categories(16)[codePoint])
}

/** The small letter of each code unit, where it is one code unit: `[65536]`, not to be written to. */
export function smallLetters(): Uint16Array {
  if (small === undefined) {
    small = new Uint16Array(0x10000)
    for (let unit = 0; unit < 0x10000; unit++) {
      const lower = String.fromCharCode(unit).toLowerCase()
      small[unit] = lower.length === 1 ? lower.charCodeAt(0) : unit
    }
  }
  return small
}
