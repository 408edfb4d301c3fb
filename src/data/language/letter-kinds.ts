import { languageMarks } from './language-marks.ts'

/** What {@link letterKinds} says of code units that are no letters. */
export const noLetter = 0
/** Apostrophes, of which Uzbek makes the letters oʻ and gʻ. */
export const apostrophe = 1
/** From here on: letters, 256 times the number of the script, plus the number of the mark that the letter is. */
export const letter = 256

/** Scripts by number. Letters of scripts that are not here count as `Zyyy`. */
export const scripts = ['', 'Latn', 'Cyrl', 'Arab', 'Hani', 'Kana', 'Zyyy'] as const

/** First and last code units of scripts. */
const blocks: readonly (readonly [script: (typeof scripts)[number], first: number, last: number])[] = [
  ['Zyyy', 0x0370, 0x1dbf],
  ['Zyyy', 0xa000, 0xd7ff],
  ['Latn', 0x00c0, 0x024f],
  ['Latn', 0x1e00, 0x1eff],
  ['Cyrl', 0x0400, 0x052f],
  ['Arab', 0x0620, 0x064a],
  ['Arab', 0x066e, 0x06d3],
  ['Arab', 0x06fa, 0x06ff],
  ['Arab', 0x06d5, 0x06d5],
  ['Arab', 0xfb50, 0xfdff],
  ['Arab', 0xfe70, 0xfefc],
  ['Kana', 0x3041, 0x30ff],
  ['Hani', 0x3400, 0x4dbf],
  ['Hani', 0x4e00, 0x9fff],
  ['Hani', 0xf900, 0xfaff],
]

let kinds: Uint16Array | undefined

/**
 * For each code unit whether it is a letter, of which script, and which of the letters that languages are known by; small
 * and capital letters are the same. `[65536]`. Mark 0 stands for a, b, c and such, 1 for letters that no language
 * of {@link languageMarks} names; others follow in the order of {@link markedLetters}.
 */
export function letterKinds(): Uint16Array {
  if (kinds !== undefined) return kinds
  kinds = new Uint16Array(0x10000)
  const set = (unit: number, script: (typeof scripts)[number], mark: number) => {
    kinds![unit] = letter * scripts.indexOf(script) + mark
  }
  for (const [script, first, last] of blocks) for (let unit = first; unit <= last; unit++) set(unit, script, 1)
  // Multiplication and division, digits and marks: no letters.
  for (const unit of [0xd7, 0xf7, 0x0482, 0x0483, 0x0484, 0x0485, 0x0486, 0x0487, 0x0488, 0x0489, 0x066a])
    kinds[unit] = 0
  for (const [script, plain] of Object.entries(plainLetters)) {
    for (const small of plain) for (const unit of bothCases(small)) set(unit, script as 'Latn', 0)
  }
  for (const [script, letters] of Object.entries(markedLetters)) {
    for (const [i, small] of letters.entries()) for (const unit of bothCases(small)) set(unit, script as 'Latn', i + 2)
  }
  for (const sign of "'`ʻʼ‘’ʹ") kinds[sign.charCodeAt(0)] = apostrophe
  return kinds
}

let small: Uint16Array | undefined

/** The small letter of each code unit below U+2000; of İ it is i. `[0x2000]` */
export function smallLetters(): Uint16Array {
  if (small === undefined) {
    small = Uint16Array.from({ length: 0x2000 }, (_, unit) => {
      const lower = String.fromCharCode(unit).toLowerCase()
      return lower.length === 1 ? lower.charCodeAt(0) : unit
    })
    small[0x130] = 0x69
  }
  return small
}

const bothCases = (small: string): number[] =>
  [small, small.toUpperCase()].filter((form) => form.length === 1).map((form) => form.charCodeAt(0))

/** Letters that all languages of a script share, or nearly all. */
const plainLetters = {
  Latn: 'abcdefghijklmnopqrstuvwxyz',
  Cyrl: 'абвгдежзийклмнопрстуфхцчшщъыьэюя',
  Arab: 'ابتثجحخدذرزسشصضطظعغفقكلمنهويآء',
}

/** Letters that languages name, by script. */
export const markedLetters: Readonly<Record<'Latn' | 'Cyrl' | 'Arab', readonly string[]>> = {
  Latn: named('Latn'),
  Cyrl: named('Cyrl'),
  Arab: named('Arab'),
}

function named(script: string): string[] {
  const letters = languageMarks
    .filter((marks) => marks.script === script)
    .flatMap((marks) => [...frequencies(marks.letters).keys()])
  return [...new Set(letters)]
}

/** `'ә10 і60'` as occurrences of each letter among one. */
export function frequencies(letters: string): Map<string, number> {
  return new Map(letters.split(' ').map((entry) => [entry[0], Number(entry.slice(1)) / 1000]))
}
