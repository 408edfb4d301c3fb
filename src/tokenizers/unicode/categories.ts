import { categoryRuns, olderRuns, versions } from './tables.ts'

/**
 * General categories of characters, frozen at versions of Unicode. Which version a stage asks for is that of the
 * implementation it must equal, found by trying every code point:
 *
 * - 8: punctuation and control characters of BERT's stages
 * - 9: normal forms and combining marks
 * - 16: all regular expressions, of Hugging Face's tokenizers and of tiktoken
 * - 17: lower case, digits, and what else comes from Rust's standard library
 */
export type UnicodeVersion = (typeof versions)[number]

/** The version of Unicode by which pieces are cut. */
export const unicodeVersion = '16.0'

/** The two-letter names, in the order of their numbers. */
const shortNames = 'Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn'.split(
  ' ',
)
const longNames = (
  'Uppercase_Letter Lowercase_Letter Titlecase_Letter Modifier_Letter Other_Letter Nonspacing_Mark Spacing_Mark ' +
  'Enclosing_Mark Decimal_Number Letter_Number Other_Number Connector_Punctuation Dash_Punctuation Open_Punctuation ' +
  'Close_Punctuation Initial_Punctuation Final_Punctuation Other_Punctuation Math_Symbol Currency_Symbol ' +
  'Modifier_Symbol Other_Symbol Space_Separator Line_Separator Paragraph_Separator Control Format Surrogate ' +
  'Private_Use Unassigned Letter Mark Number Punctuation Symbol Separator Other Cased_Letter'
).split(' ')

/**
 * The set of categories with a name, as a mask with bit k for category number k.
 *
 * @param name as in `\p{…}`: `L`, `Lu`, `LC`, `Letter`, `Uppercase_Letter`; case, spaces and low lines do not matter
 * @returns undefined when no category has this name
 *
 * @example
 * categoryMask('Lu') // 1
 */
export function categoryMask(name: string): number | undefined {
  const key = plainName(name)
  const long = longNames.findIndex((other) => plainName(other) === key)
  const short =
    long < 0 ? key : long < 30 ? shortNames[long].toLowerCase() : ['l', 'm', 'n', 'p', 's', 'z', 'c', 'lc'][long - 30]
  if (short === 'lc') return letterCased
  let mask = 0
  shortNames.forEach((other, k) => {
    if (other.toLowerCase().startsWith(short) && (short.length === 2 || other.length > short.length)) mask |= 1 << k
  })
  return mask === 0 || short === '' ? undefined : mask
}

/** Names of properties without what does not matter in them. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '')
}

function maskOf(first: string, last: string): number {
  return (1 << (shortNames.indexOf(last) + 1)) - (1 << shortNames.indexOf(first))
}
export const letters = maskOf('Lu', 'Lo')
const letterCased = maskOf('Lu', 'Lt')
export const marks = maskOf('Mn', 'Me')
export const nonspacingMarks = maskOf('Mn', 'Mn')
export const decimalNumbers = maskOf('Nd', 'Nd')
export const numbers = maskOf('Nd', 'No')
export const punctuation = maskOf('Pc', 'Po')
export const symbols = maskOf('Sm', 'So')
const separators = maskOf('Zs', 'Zp')
/** Control, format, surrogate, private use; not the unassigned. */
export const controls = maskOf('Cc', 'Co')
export const unassigned = maskOf('Cn', 'Cn')

const codePoints = 0x110000
const tables: Uint8Array[] = []

/**
 * The number of the category of each code point: `[0x110000]`, not to be written to.
 *
 * Cost: a millisecond and a megabyte, once per version.
 *
 * @example
 * categories()[0x41] // 0
 */
export function categories(version: UnicodeVersion = 16): Uint8Array {
  return tableOf(versions.indexOf(version))
}

function tableOf(place: number): Uint8Array {
  tables[place] ??=
    place < olderRuns.length
      ? unpacked(olderRuns[place], tableOf(place + 1).slice())
      : unpacked(categoryRuns, new Uint8Array(codePoints))
  return tables[place]
}

/** Writes runs over a table; '_' leaves what is there. */
function unpacked(runs: string, table: Uint8Array): Uint8Array {
  let at = 0
  for (const [, kind, length] of runs.matchAll(/([A-_])([0-9a-z]*)/g)) {
    const end = at + (length === '' ? 1 : Number.parseInt(length, 36))
    if (kind !== '_') table.fill(kind.charCodeAt(0) - 65, at, end)
    at = end
  }
  return table
}

/** Whether a character is in one of the categories of a mask. */
export function isIn(codePoint: number, mask: number, version?: UnicodeVersion): boolean {
  return ((mask >>> categories(version)[codePoint]) & 1) === 1
}

/**
 * White_Space, which is `\s` of regular expressions and Rust's `is_whitespace`; it has U+0085 and not U+FEFF, other than
 * JavaScript's `\s`. The same in all versions from 6.3 on.
 */
export function isWhiteSpace(codePoint: number): boolean {
  return codePoint < 0x80
    ? codePoint === 0x20 || (codePoint >= 9 && codePoint <= 13)
    : codePoint === 0x85 || isIn(codePoint, separators)
}
