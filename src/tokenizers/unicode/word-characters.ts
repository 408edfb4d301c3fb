import { categoryMask, decimalNumbers, isIn, letters, marks } from './categories.ts'

const inWords = letters | marks | decimalNumbers | categoryMask('Nl')! | categoryMask('Pc')!

/** Letters in circles and squares, which count as alphabetic though they are symbols; and the two joiners. */
const others = [
  [0x24b6, 0x24e9],
  [0x1f130, 0x1f149],
  [0x1f150, 0x1f169],
  [0x1f170, 0x1f189],
  [0x200c, 0x200d],
]

/** `\w` of Unicode's regular expressions (UTS 18, annex C), as in Rust's `regex`. */
export function isWordCharacter(codePoint: number): boolean {
  return isIn(codePoint, inWords) || others.some(([first, last]) => codePoint >= first && codePoint <= last)
}
