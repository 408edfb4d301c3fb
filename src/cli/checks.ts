import { ConfigError } from '../base/index.ts'

/**
 * Looks at a value that a person wrote into a file.
 *
 * @param place file and key, as messages name them: `recipe.toml: filters.gopher`
 * @throws ConfigError that says what must stand there
 */
export type Check = (value: unknown, place: string) => void

/** A check for each key of a settings type, so that no key can be forgotten when the type grows. */
export type Fields<T> = { readonly [K in keyof Required<T>]: Check }

function fail(place: string, expected: string, value: unknown): never {
  throw new ConfigError(`${place} must be ${expected}, got ${shown(value)}`)
}

const shown = (value: unknown) => {
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

export function number(least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Check {
  const range = least === Number.NEGATIVE_INFINITY ? '' : ` from ${least}${most < Infinity ? ` to ${most}` : ' on'}`
  return (value, place) => {
    if (typeof value !== 'number' || !(value >= least && value <= most)) fail(place, `a number${range}`, value)
  }
}

export function whole(least: number): Check {
  return (value, place) => {
    if (!Number.isSafeInteger(value) || (value as number) < least) fail(place, `a whole number from ${least} on`, value)
  }
}

/** Text, or one of some words. */
export function text(...words: readonly string[]): Check {
  return (value, place) => {
    if (typeof value !== 'string')
      fail(place, words.length > 0 ? `one of ${words.join(', ')}` : 'text in quotes', value)
    if (words.length === 0 || words.includes(value)) return
    throw new ConfigError(
      `${place} must be one of ${words.map((word) => `"${word}"`).join(', ')}, got "${value}"${guess(value, words)}`,
    )
  }
}

export const flag: Check = (value, place) => {
  if (typeof value !== 'boolean') fail(place, 'true or false', value)
}

export function list(item: Check): Check {
  return (value, place) => {
    if (!Array.isArray(value)) fail(place, 'a list in [ ]', value)
    for (const [i, one] of value.entries()) item(one, `${place}[${i}]`)
  }
}

/** A table that may have these keys and no others. */
export function table(fields: Readonly<Record<string, Check>>): Check {
  return (value, place) => {
    for (const [key, inner] of Object.entries(tableOf(value, place))) {
      if (!Object.hasOwn(fields, key)) {
        const known = Object.keys(fields)
        throw new ConfigError(
          `${keyOf(place, key)} is not known${guess(key, known) || `; there are ${known.join(', ')}`}`,
        )
      }
      fields[key](inner, keyOf(place, key))
    }
  }
}

/** A table whose keys are names that the user chose. */
export function named(item: Check): Check {
  return (value, place) => {
    for (const [key, inner] of Object.entries(tableOf(value, place))) item(inner, keyOf(place, key))
  }
}

/** `false` switches off what `check` sets up. */
export function orFalse(check: Check): Check {
  return (value, place) => {
    if (value === true)
      throw new ConfigError(
        `${place} must be a table of settings or false, got true; leave it out to have it as it is by default`,
      )
    if (value !== false) check(value, place)
  }
}

/** A table with keys that have to be there. */
export function having(keys: readonly string[], check: Check): Check {
  return (value, place) => {
    check(value, place)
    for (const key of keys) if (!Object.hasOwn(value as object, key)) throw new ConfigError(`${place} needs ${key}`)
  }
}

function tableOf(value: unknown, place: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date) {
    fail(place, 'a table', value)
  }
  return value
}

/** The key of a file stands behind a colon, further keys behind dots. */
const keyOf = (place: string, key: string) => `${place}${place.includes(': ') ? '.' : ': '}${key}`

/** `; did you mean leastWords?`, or nothing when no word is like it. */
function guess(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/**
 * The word that differs least from one that was meant to be it; undefined when none is near.
 *
 * @example
 * nearest('leastWord', ['leastWords', 'mostWords']) // 'leastWords'
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const meant = word.toLowerCase().slice(0, 100)
  let best: string | undefined
  let least = Math.max(1, Math.floor(0.4 * meant.length)) + 1
  for (const candidate of known) {
    const distance = edits(meant, candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** Letters to change, put in or take out (Levenshtein 1965). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]))
    }
    row = next
  }
  return row[b.length]
}
