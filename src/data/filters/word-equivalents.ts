import type { Outline } from '../index.ts'

/**
 * How many letters say as much as a word, where a script sets no spaces; 1 for a text that is mostly of words. From the
 * Universal Declaration of Human Rights: for 1753 English words it has 2560 letters in Chinese, 3700 in Japanese, and
 * between 8000 and 10,900 in Thai, Lao, Khmer, Burmese and Tibetan.
 *
 * @example
 * lettersPerWord(outlineOf('人人生而自由')) // 1.5
 * lettersPerWord(outlineOf('All are born free')) // 1
 */
export function lettersPerWord({ text, words, letters, unspaced }: Outline): number {
  if (unspaced * 2 <= letters) return 1
  const looked = Math.min(words.count, 100)
  let kana = 0
  let han = 0
  for (let i = 0; i < looked; i++) {
    const unit = text.charCodeAt(words.starts[i])
    if (unit >= 0x3040 && unit <= 0x31ff) kana++
    else if (unit >= 0x3400 && unit <= 0xa4cf) han++
    // Han beyond the basic plane.
    else if (unit >= 0xd840 && unit <= 0xd8ff) han++
  }
  if (10 * (kana + han) < looked) return 5
  return kana > 10 ? 2 : 1.5
}

/**
 * The words of a text, where letters of scripts without spaces count as parts of one.
 *
 * @example
 * wordEquivalents(outlineOf('人人生而自由 free')) // 5
 */
export function wordEquivalents(outline: Outline): number {
  const { words, unspaced } = outline
  return unspaced === 0 ? words.count : words.count - unspaced + unspaced / Math.max(1.5, lettersPerWord(outline))
}

/**
 * Code units of a word on average.
 *
 * @example
 * wordLength(outlineOf('All are born free')) // 3.5
 */
export function wordLength({ words: { starts, ends, count } }: Outline): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += ends[i] - starts[i]
  return sum / count
}
