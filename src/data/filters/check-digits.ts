/**
 * Whether digits end with the right check digit of a payment card.
 * Source: ISO/IEC 7812-1, annex B (Luhn 1960).
 *
 * @example
 * isLuhn('4111111111111111') // true
 * isLuhn('4111111111111112') // false
 */
export function isLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30
    const doubled = i % 2 === 1 ? 2 * digit : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/**
 * Whether 12 digits are an individual identification number of Kazakhstan: a date of birth (yymmdd), a digit for century
 * and sex (1 to 6), four digits, and a check digit: the sum of the others, weighted by 1 to 11, modulo 11; where that is
 * 10, weighted by 3 to 11, 1, 2; numbers for which that is 10 again are not given out.
 * Source: decree 565 of the government of Kazakhstan, 11 June 2003.
 *
 * @example
 * isIin('850615300129') // true
 * isIin('850615300120') // false
 */
export function isIin(digits: string): boolean {
  if (digits.length !== 12) return false
  const at = (i: number) => digits.charCodeAt(i) - 0x30
  const century = Math.ceil(at(6) / 2)
  if (century < 1 || century > 3) return false
  const year = 1700 + 100 * century + 10 * at(0) + at(1)
  const month = 10 * at(2) + at(3)
  const day = 10 * at(4) + at(5)
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false
  const weighted = (shift: number) => {
    let sum = 0
    for (let i = 0; i < 11; i++) sum += at(i) * (((i + shift) % 11) + 1)
    return sum % 11
  }
  const once = weighted(0)
  return (once < 10 ? once : weighted(2)) === at(11)
}

function daysOf(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** Countries that have IBANs. */
const ibanCountries = new Set(
  (
    'AD AE AL AT AZ BA BE BG BH BR BY CH CR CY CZ DE DK DO EE EG ES FI FO FR GB GE GI GL GR GT HR HU IE IL IQ IS IT JO KW ' +
    'KZ LB LC LI LT LU LV MC MD ME MK MR MT MU NL NO PK PL PS PT QA RO RS SA SC SE SI SK SM ST SV TL TN TR UA VA VG XK'
  ).split(' '),
)

/**
 * Whether capital letters and digits, without spaces, are an international bank account number.
 * Source: ISO 13616, ISO/IEC 7064 (modulo 97).
 *
 * @example
 * isIban('KZ86125KZT5004100100') // true
 */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d\d[A-Z0-9]{11,30}$/.test(text) || !ibanCountries.has(text.slice(0, 2))) return false
  let rest = 0
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (value < 10 ? 10 * rest + value : 100 * rest + value) % 97
  }
  return rest === 1
}
