import { categories, categoryMask, plainName } from '../unicode/categories.ts'
import { rangesWhere, scriptRanges } from '../unicode/scripts.ts'
import { enclosedLetters } from '../unicode/word-characters.ts'
import { type CodePoints, complement, everything, intersection, pastLast, range, union } from './code-points.ts'
import type { Dialect } from './syntax.ts'

/**
 * Named sets of code points, as of Unicode 16: general categories, scripts, and the classes of POSIX as Oniguruma reads
 * them. Each is made when first asked for.
 */
const known = new Map<string, CodePoints>()

function once(name: string, make: () => CodePoints): CodePoints {
  let set = known.get(name)
  if (set === undefined) known.set(name, (set = make()))
  return set
}

/** Where the general category changes, and which it is from there on. */
let runs: { readonly starts: readonly number[]; readonly kinds: readonly number[] } | undefined

function categoryRuns() {
  const table = categories(16)
  const starts: number[] = []
  for (let code = 0; code < pastLast; code++) if (code === 0 || table[code] !== table[code - 1]) starts.push(code)
  return { starts, kinds: starts.map((code) => table[code]) }
}

function ofCategories(mask: number): CodePoints {
  return once(`${mask}`, () => {
    const { starts, kinds } = (runs ??= categoryRuns())
    const places: number[] = []
    for (let i = 0, inside = 0; i <= starts.length; i++) {
      const member = i < starts.length ? (mask >>> kinds[i]) & 1 : 0
      if (member !== inside) places.push(starts[i] ?? pastLast)
      inside = member
    }
    return places
  })
}

const category = (...names: string[]): CodePoints => ofCategories(names.reduce((mask, n) => mask | categoryMask(n)!, 0))

const ofRanges = (ranges: readonly (readonly [number, number])[]): CodePoints =>
  ranges.flatMap(([first, last]) => [first, last + 1])

/** Characters of Unicode 16 that have a property, as the engine knows it. */
const matching = (property: RegExp): CodePoints =>
  ofRanges(rangesWhere((code) => property.test(String.fromCodePoint(code))))

const ascii = (pattern: RegExp): CodePoints =>
  union(...Array.from({ length: 0x80 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? range(code) : [])))

const blank = (): CodePoints => union(category('Zs'), range(0x09))
const graph = (): CodePoints => complement(union(spaces(), category('Cc', 'Cn', 'Cs')))

export const spaces = (): CodePoints => once('space', () => union(category('Z'), range(0x09, 0x0d), range(0x85)))
export const digits = (): CodePoints => category('Nd')
export const hexDigits = (): CodePoints => once('xdigit', () => ascii(/[0-9a-f]/i))
export const wordCharacters = (): CodePoints =>
  once('word', () => union(category('L', 'M', 'Nd', 'Nl', 'Pc'), ofRanges(enclosedLetters)))

/**
 * `\w`, and what makes the edges of `\b`. Rust counts the joiners too; Oniguruma, outside of brackets, the numbers of
 * Latin-1.
 */
export function wordSet(dialect: Dialect, inClass: boolean): CodePoints {
  if (dialect === 'rust') return union(wordCharacters(), range(0x200c, 0x200d))
  return inClass ? wordCharacters() : union(wordCharacters(), intersection(category('No'), range(0x80, 0xff)))
}

/** Sets that are neither category nor script, by their names without spaces and low lines. */
const makers: Readonly<Record<string, () => CodePoints>> = {
  any: () => everything,
  assigned: () => complement(category('Cn')),
  ascii: () => range(0, 0x7f),
  alnum: () => union(namedSet('alpha')!, digits()),
  alpha: () => union(category('L', 'Nl'), matching(/\p{Alphabetic}/u)),
  blank,
  cntrl: () => category('Cc'),
  digit: digits,
  graph,
  lower: () => union(category('Ll'), matching(/\p{Lowercase}/u)),
  print: () => union(graph(), category('Zs')),
  punct: () => category('P'),
  space: spaces,
  upper: () => union(category('Lu'), matching(/\p{Uppercase}/u)),
  word: wordCharacters,
  xdigit: hexDigits,
}
const aliases: Readonly<Record<string, string>> = {
  alphabetic: 'alpha',
  lowercase: 'lower',
  uppercase: 'upper',
  whitespace: 'space',
}

/**
 * The set that `\p{name}` stands for.
 *
 * @param name case, spaces and low lines do not matter; `Script=` or `sc=` may stand before a script
 * @returns undefined when there is no such property here
 */
export function namedSet(name: string): CodePoints | undefined {
  const [, prefix, own] = /^(?:([^=:]*)[=:])?(.*)$/s.exec(name)!
  const kind = prefix === undefined ? undefined : plainName(prefix)
  const rest = plainName(own)
  const isScript = kind === 'script' || kind === 'sc'
  if (kind === undefined) {
    const alias = aliases[rest] ?? rest
    if (Object.hasOwn(makers, alias)) return once(alias, makers[alias])
  } else if (!isScript && kind !== 'generalcategory' && kind !== 'gc') return undefined
  const mask = isScript ? undefined : categoryMask(rest)
  if (mask !== undefined) return ofCategories(mask)
  if (kind !== undefined && !isScript) return undefined
  const key = `script ${rest}`
  const script = known.has(key) ? [] : scriptRanges(own)
  return script && once(key, () => ofRanges(script))
}

const posixNames = 'alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit'.split(' ')

/** The set of `[:name:]`; undefined when there is no such class. */
export function posixSet(name: string, onlyAscii: boolean): CodePoints | undefined {
  if (!posixNames.includes(name)) return undefined
  // Symbols are punctuation in brackets only.
  const set = name === 'punct' ? category('P', 'S') : namedSet(name)!
  return onlyAscii ? intersection(set, range(0, 0x7f)) : set
}
