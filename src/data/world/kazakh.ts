/**
 * Kazakh noun morphology in Cyrillic: plural, possessive, six cases, and the particles that obey the same two laws.
 *
 * 1. Harmony of vowels: the last vowel that is back (а о ұ ы я) or front (ә ө ү і е) decides the vowel of the ending;
 *    и, у and ю are silent on this and leave the decision to the vowel before them. A final к or г makes the ending
 *    front even after a back vowel, as in loans: парк, паркте (a back word of Kazakh ends in қ).
 * 2. Assimilation: the last letter decides the first consonant of the ending.
 *
 * Sources: Қазақ грамматикасы (Астана 2002), морфология: зат есім; Krueger 1980, "Introduction to Kazakh", §§ 3-5.
 */

const backVowels = 'аоұыяё'
const frontVowels = 'әөүіеэ'
/** Final и, у, ю glide (су: судың, суы), so they count as consonants here. */
const finalVowels = backVowels + frontVowels
const voiceless = 'кқпстшщчцхһф' + 'бвгд' // final б в г д are written voiced and spoken voiceless: клуб, клубтар
const nasals = 'мнң'
const sibilants = 'зж'

/** Stems of silent vowels only, whose harmony is back although they hold an и. */
const backStems = new Set(['ми', 'қи'])

/** Stems that lose their last vowel before an ending that begins with a vowel: халық, халқы. */
const syncopated = new Set('халық көрік бөрік орын мұрын ерін қарын мойын ауыз қойын әріп ғұрып'.split(' '))

/** True when the endings of the word take front vowels (мектеп: мектепте), false for back ones (қала: қалада). */
export function isFront(word: string): boolean {
  const lower = lastOf(word.toLowerCase())
  if (/[кг]$/.test(lower)) return true
  for (let i = lower.length - 1; i >= 0; i--) {
    if (frontVowels.includes(lower[i])) return true
    if (backVowels.includes(lower[i])) return false
  }
  return lower.includes('и') && !backStems.has(lower)
}

/** Of several words only the last counts: ақ ит, ақ иті. */
const lastOf = (words: string): string => words.slice(words.lastIndexOf(' ') + 1)

export type Sound = 'vowel' | 'voiceless' | 'nasal' | 'sibilant' | 'l' | 'glide'

/** What the last letter is to the ending that follows; р, й, у, и, ю are glides. */
export function lastSound(word: string): Sound {
  const letter = word.slice(-1).toLowerCase()
  if (finalVowels.includes(letter)) return 'vowel'
  if (voiceless.includes(letter)) return 'voiceless'
  if (nasals.includes(letter)) return 'nasal'
  if (sibilants.includes(letter)) return 'sibilant'
  return letter === 'л' ? 'l' : 'glide'
}

/**
 * Joins an ending written for both harmonies: A stands for а or е, Y for ы or і, and ғ, қ turn to г, к before a
 * front vowel. A possessed stem may have lost its own last vowel, so the word that decides can be another.
 */
function attach(stem: string, ending: string, word = stem): string {
  if (!isFront(word)) return stem + ending.replaceAll('A', 'а').replaceAll('Y', 'ы')
  return stem + ending.replaceAll('A', 'е').replaceAll('Y', 'і').replace('ғ', 'г').replace('қ', 'к')
}

/** @example plural('мектеп') === 'мектептер' */
export function plural(word: string): string {
  const sound = lastSound(word)
  const consonant = sound === 'vowel' || sound === 'glide' ? 'л' : sound === 'voiceless' ? 'т' : 'д'
  return attach(word, `${consonant}Aр`)
}

/** Whose it is: my, thy, your (polite), his or her or their, our. */
export type Person = '1' | '2' | '2polite' | '3' | '1plural'

const possessiveEndings: Record<Person, { afterVowel: string; afterConsonant: string }> = {
  '1': { afterVowel: 'м', afterConsonant: 'Yм' },
  '2': { afterVowel: 'ң', afterConsonant: 'Yң' },
  '2polite': { afterVowel: 'ңYз', afterConsonant: 'YңYз' },
  '3': { afterVowel: 'сY', afterConsonant: 'Y' },
  '1plural': { afterVowel: 'мYз', afterConsonant: 'YмYз' },
}

/**
 * The possessed form. Before a vowel a final к, қ, п after a vowel is voiced to г, ғ, б.
 *
 * @example
 * possessive('кітап') === 'кітабы' // his or her book
 * possessive('ана', '1') === 'анам' // my mother
 */
export function possessive(word: string, person: Person = '3'): string {
  const { afterVowel, afterConsonant } = possessiveEndings[person]
  if (lastSound(word) === 'vowel') return attach(word, afterVowel)
  const stem = syncopated.has(lastOf(word)) ? word.slice(0, -2) + word.slice(-1) : voiced(word)
  return attach(stem, afterConsonant, word)
}

function voiced(word: string): string {
  const before = word.slice(-2, -1).toLowerCase()
  if (!(finalVowels + 'иую').includes(before)) return word
  const pair = { к: 'г', қ: 'ғ', п: 'б' }[word.slice(-1)]
  return pair === undefined ? word : word.slice(0, -1) + pair
}

export type Case = 'genitive' | 'dative' | 'accusative' | 'locative' | 'ablative' | 'instrumental'

/**
 * The case form of a bare or plural noun, or of a possessed one when `possessed` says whose.
 *
 * @example
 * decline('дос', 'genitive') === 'достың'
 * decline('кітабы', 'accusative', '3') === 'кітабын'
 */
export function decline(word: string, to: Case, possessed?: Person): string {
  if (possessed === '3' && to !== 'genitive' && to !== 'instrumental') return attach(word, thirdPersonEndings[to])
  if ((possessed === '1' || possessed === '2') && to === 'dative') return attach(word, 'A')
  return attach(word, endings[to][lastSound(word)])
}

const thirdPersonEndings = { dative: 'нA', accusative: 'н', locative: 'ндA', ablative: 'нAн' }

const endings: Record<Case, Record<Sound, string>> = {
  genitive: { vowel: 'нYң', nasal: 'нYң', voiceless: 'тYң', sibilant: 'дYң', l: 'дYң', glide: 'дYң' },
  dative: { vowel: 'ғA', nasal: 'ғA', voiceless: 'қA', sibilant: 'ғA', l: 'ғA', glide: 'ғA' },
  accusative: { vowel: 'нY', nasal: 'дY', voiceless: 'тY', sibilant: 'дY', l: 'дY', glide: 'дY' },
  locative: { vowel: 'дA', nasal: 'дA', voiceless: 'тA', sibilant: 'дA', l: 'дA', glide: 'дA' },
  ablative: { vowel: 'дAн', nasal: 'нAн', voiceless: 'тAн', sibilant: 'дAн', l: 'дAн', glide: 'дAн' },
  instrumental: { vowel: 'мен', nasal: 'мен', voiceless: 'пен', sibilant: 'бен', l: 'мен', glide: 'мен' },
}

/** "A and …": the word with its conjunction, written apart. @example and('кітап') === 'кітап пен' */
export function and(word: string): string {
  return `${word} ${endings.instrumental[lastSound(word)]}`
}

/** "… too": the word with its particle. @example also('лақ') === 'лақ та' */
export function also(word: string): string {
  return attach(word, lastSound(word) === 'voiceless' ? ' тA' : ' дA')
}

/** The word with the particle of a yes-or-no question. @example asked('Балбұлақ') === 'Балбұлақ па' */
export function asked(word: string): string {
  const sound = lastSound(word)
  const consonant = sound === 'voiceless' ? 'п' : sound === 'nasal' || sound === 'sibilant' ? 'б' : 'м'
  return attach(word, ` ${consonant}A`)
}

/** "Is …'s": the predicate of ownership, whose vowel never changes. @example belongs('Асан') === 'Асандікі' */
export function belongs(word: string): string {
  const sound = lastSound(word)
  return `${word}${sound === 'vowel' ? 'н' : sound === 'voiceless' ? 'т' : 'д'}ікі`
}

const harmonicEndings =
  'ның дың тың ға қа ны ды ты да та дан нан тан нда нан лар дар тар ларды дарды тарды лардың дардың тардың'.split(' ')
const otherVowel: Record<string, string> = { а: 'е', ы: 'і', е: 'а', і: 'ы', ғ: 'г', қ: 'к', г: 'ғ', к: 'қ' }
const flipped = (ending: string) => [...ending].map((letter) => otherVowel[letter] ?? letter).join('')
const endingsByLength = [...harmonicEndings, ...harmonicEndings.map(flipped)].sort((a, b) => b.length - a.length)

/**
 * A form whose case or plural ending has the wrong vowels, as no speaker would say it; for examples of what is wrong.
 * Undefined when the word has no such ending, or when its ending disagrees already.
 *
 * @example disharmony('қалада') === 'қаладе'
 */
export function disharmony(form: string): string | undefined {
  const ending = endingsByLength.find((each) => form.endsWith(each) && /[аоұыәөүіе]/.test(form.slice(0, -each.length)))
  if (ending === undefined) return undefined
  const stem = form.slice(0, -ending.length)
  const endingIsFront = /[еі]/.test(ending)
  if (stem.length < 2 || endingIsFront !== isFront(stem)) return undefined
  return stem + flipped(ending)
}

/** The letters of the Kazakh Cyrillic alphabet, lower case. */
export const kazakhLetters = 'аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя'
