import { categoryMask, decimalNumbers, isIn, letters, marks } from './categories.ts'

const inWords = letters | marks | decimalNumbers | categoryMask('Nl')! | categoryMask('Pc')!

/** Letters in circles and squares, which count as alphabetic though they are symbols: first and last. */
export const enclosedLetters: readonly (readonly [number, number])[] = [
  [0x24b6, 0x24e9],
  [0x1f130, 0x1f149],
  [0x1f150, 0x1f169],
  [0x1f170, 0x1f189],
]

/** `\w` of Unicode's regular expressions (UTS 18, annex C), as in Rust's `regex`: with the two joiners. */
export function isWordCharacter(codePoint: number): boolean {
  return (
    isIn(codePoint, inWords) ||
    codePoint === 0x200c ||
    codePoint === 0x200d ||
    enclosedLetters.some(([first, last]) => codePoint >= first && codePoint <= last)
  )
}
