/** Letters of other scripts, and of other alphabets, that look like a Cyrillic one. */
export const lookAlikes: ReadonlyMap<string, string> = new Map([
  ...pairs('aceopxyABCEHKMOPTX', 'асеорхуАВСЕНКМОРТХ'),
  ...pairs('əƏiIhɵθƟΘϴ', 'әӘіІһөөӨӨӨ'),
  ...pairs('ӊӉҥҤ', 'ңҢңҢ'),
])

function pairs(from: string, to: string): [string, string][] {
  return Array.from(from, (letter, i) => [letter, to[i]])
}

const cyrillic = /[\u0400-\u04ff]/
/** Letters that only some Cyrillic alphabets have: they come where the text has them elsewhere, or is Kazakh. */
const special = /[әіһө]/i
const anotherEng = /[ӊҥ]/i
/** Letters that Kazakh has not: of Yakut, Altai, Mari, Uzbek, Tajik, Bashkir, Serbian. */
const notKazakh = /[ҕӧӱјӓӹўҳҷӯӣҡҙҫћђљњ]/i

/**
 * Puts Cyrillic letters for those of other scripts that look like them, inside words that are otherwise Cyrillic (`əлем` to
 * `әлем`). Words of another script, abbreviations with a Cyrillic ending (`APIді`), words with a letter that looks like no
 * other, and the letters of other languages (Yakut `ҥ`, Tatar `ң`) stay.
 *
 * @param language of the text, where it is known
 * @returns the text and how many letters were put in
 * Cost: linear; only for texts that {@link suspects} points out.
 *
 * @example
 * withoutLookAlikes('Қaзiргi əлем, iPhone, APIді') // { text: 'Қазіргі әлем, iPhone, APIді', letters: 4 }
 */
export function withoutLookAlikes(text: string, language?: string): { text: string; letters: number } {
  const isKazakh = language === 'kk' || looksKazakh(text)
  const has = new Set(
    Array.from('әіһө').filter((letter) => isKazakh || text.includes(letter) || text.includes(letter.toUpperCase())),
  )
  let letters = 0
  const result = text.replace(/[\p{L}\p{M}]+/gu, (word) => {
    const by = replacement(word, isKazakh, has)
    if (by === undefined) return word
    for (let i = 0; i < word.length; i++) if (word[i] !== by[i]) letters++
    return by
  })
  return { text: result, letters }
}

/** By its letters: ұ is Kazakh alone; қ and ғ come with і, ә, ң, ө, ү in no other large alphabet but the excluded ones. */
function looksKazakh(text: string): boolean {
  return (/ұ/i.test(text) || (/[қғ]/i.test(text) && /[іәңөү]/i.test(text))) && !notKazakh.test(text)
}

function replacement(word: string, isKazakh: boolean, has: ReadonlySet<string>): string | undefined {
  if (!cyrillic.test(word)) return
  let own = 0
  let foreign = 0
  let run = 0
  let longestRun = 0
  let result = ''
  for (const letter of word) {
    const by = lookAlikes.get(letter)
    const isOwn = cyrillic.test(letter)
    if (by === undefined) {
      if (!isOwn) return
      result += letter
    } else {
      const isAllowed = anotherEng.test(letter)
        ? isKazakh && !notKazakh.test(word)
        : !special.test(by) || has.has(by.toLowerCase())
      if (!isAllowed && !isOwn) return
      result += isAllowed ? by : letter
    }
    if (isOwn) own++
    else foreign++
    run = isOwn ? 0 : run + 1
    longestRun = Math.max(longestRun, run)
  }
  // An abbreviation with an ending, or a word of which nobody knows what it is.
  if (longestRun > 2 || foreign > own || (longestRun === 2 && foreign >= own)) return
  if (/^[A-Z]{2}[а-яәіңғүұқөһ]/.test(word)) return
  return result === word ? undefined : result
}
