import { categories, categoryMask } from '../tokenizers/index.ts'

/** What a character is to the outline of a text; none of these: punctuation, symbols, unassigned and private characters. */
export const characterClass = {
  letter: 1,
  /** A digit of any script, or another number. */
  number: 2,
  /** Combining marks and joiners: they belong to the letter before. */
  mark: 4,
  /** A letter of a script that sets no spaces between words: a word of its own. */
  unspaced: 8,
  space: 16,
  lineEnd: 32,
  /** Half of a character beyond the basic plane. */
  surrogate: 64,
} as const

/** Scripts without spaces between words, within the basic plane: first and last characters. */
const unspacedBlocks: readonly (readonly [number, number])[] = [
  [0x0e00, 0x0eff], // Thai, Lao
  [0x0f00, 0x0fff], // Tibetan
  [0x1000, 0x109f], // Myanmar
  [0x1780, 0x17ff], // Khmer
  [0x1950, 0x19df], // Tai Le, New Tai Lue
  [0x1a20, 0x1aaf], // Tai Tham
  [0x1b00, 0x1b7f], // Balinese
  [0x3040, 0x30ff], // Hiragana, Katakana
  [0x31f0, 0x31ff], // Katakana
  [0x3400, 0x9fff], // Han
  [0xa000, 0xa4cf], // Yi
  [0xa980, 0xa9ff], // Javanese, Myanmar
  [0xaa60, 0xaadf], // Myanmar, Tai Viet
  [0xf900, 0xfaff], // Han
  [0xff66, 0xff9d], // half-width Katakana
]

const letters = categoryMask('L')! | categoryMask('Nl')!
const numbers = categoryMask('Nd')! | categoryMask('No')!
const marks = categoryMask('M')! | categoryMask('Cf')!
const separators = categoryMask('Z')!

let units: Int32Array | undefined

/**
 * Of each code unit its class, and in the upper 16 bits its small letter (itself, where that is not one code unit):
 * `[65536]`, not to be written to. As of Unicode 16; small letters are the host's. Cost: a few milliseconds, once.
 */
export function classedUnits(): Int32Array {
  if (units === undefined) {
    units = new Int32Array(0x10000)
    const table = categories(16)
    for (let unit = 0; unit < 0x10000; unit++) {
      const lower = String.fromCharCode(unit).toLowerCase()
      const small = lower.length === 1 ? lower.charCodeAt(0) : unit
      units[unit] = (small << 16) | classify(unit, table[unit])
    }
  }
  return units
}

function classify(unit: number, category: number): number {
  if (unit === 0x0a || unit === 0x0d || unit === 0x85 || unit === 0x2028 || unit === 0x2029) {
    return characterClass.lineEnd
  }
  if (unit >= 0xd800 && unit <= 0xdfff) return characterClass.surrogate
  if (unit === 9 || unit === 11 || unit === 12) return characterClass.space
  const bit = 1 << category
  if (letters & bit) return isUnspaced(unit) ? characterClass.unspaced : characterClass.letter
  if (numbers & bit) return characterClass.number
  if (marks & bit) return characterClass.mark
  return separators & bit ? characterClass.space : 0
}

function isUnspaced(point: number): boolean {
  return unspacedBlocks.some(([first, last]) => point >= first && point <= last)
}

/** The class of a character beyond the basic plane. */
export function classBeyond(codePoint: number): number {
  // Planes of Han alone, to which every version of Unicode adds.
  if (codePoint >= 0x20000 && codePoint <= 0x3ffff) return characterClass.unspaced
  return classify(codePoint, categories(16)[codePoint])
}
