import { isFront, lastSound } from './kazakh.ts'

/**
 * The simple past of Kazakh verbs, said and denied, and the habitual present of the third person. The same two laws
 * as for nouns (kazakh.ts) decide: harmony of vowels, and the last letter of the stem.
 *
 * Sources: Қазақ грамматикасы (Астана 2002), морфология: етістік; Krueger 1980, "Introduction to Kazakh", §§ 8-10.
 */

/** Who did it: I, you (polite), he or she or they, we. */
export type Doer = '1' | '2polite' | '3' | '1plural'

/**
 * The simple past of a stem: what was seen to happen.
 *
 * @example
 * pastTense('кел') === 'келді' // he or she came
 * pastTense('жаз', '1') === 'жаздым' // I wrote
 */
export function pastTense(stem: string, doer: Doer = '3'): string {
  const front = isFront(stem)
  const consonant = lastSound(stem) === 'voiceless' ? 'т' : 'д'
  const ending = { '1': 'м', '2polite': front ? 'ңіз' : 'ңыз', '3': '', '1plural': front ? 'к' : 'қ' }[doer]
  return stem + consonant + (front ? 'і' : 'ы') + ending
}

/**
 * The stem that denies: `келме` in `келмеді`, did not come.
 *
 * @example
 * negative('айт') === 'айтпа'
 * pastTense(negative('бар')) === 'бармады' // he or she did not go
 */
export function negative(stem: string): string {
  const sound = lastSound(stem)
  const consonant = sound === 'voiceless' ? 'п' : sound === 'nasal' || sound === 'sibilant' ? 'б' : 'м'
  return stem + consonant + (isFront(stem) ? 'е' : 'а')
}

/**
 * What he or she does, or will do. A stem that ends in ы or і gives up this vowel to и.
 *
 * @example
 * presentTense('кел') === 'келеді'
 * presentTense('оқы') === 'оқиды'
 * presentTense(negative('бар')) === 'бармайды'
 */
export function presentTense(stem: string): string {
  const front = isFront(stem)
  const person = front ? 'ді' : 'ды'
  if (/[ыі]$/.test(stem)) return `${stem.slice(0, -1)}и${person}`
  return lastSound(stem) === 'vowel' ? `${stem}й${person}` : `${stem}${front ? 'е' : 'а'}${person}`
}
