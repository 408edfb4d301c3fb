import type { z } from 'zod'
import { ConfigError } from '../base/index.ts'
import { definition, expected } from './expected.ts'
import { nearest } from './nearest.ts'

type Path = readonly PropertyKey[]

/** Names a place for a person: `recipe.toml: filters.gopher`, `--batch`. */
export type PlaceOf = (path: Path) => string

/** Places in a file: the key stands behind a colon, further keys behind dots. */
export function fileKeys(file: string): PlaceOf {
  return (path) =>
    path.reduce<string>(
      (place, key) =>
        typeof key === 'number' ? `${place}[${key}]` : `${place}${place === file ? ': ' : '.'}${String(key)}`,
      file,
    )
}

/**
 * Holds what a person wrote against a schema.
 *
 * @returns the value with its defaults
 * @throws ConfigError with a line for each mistake: the place, what must stand there, what stands there, what was meant
 *
 * @example
 * const schema = z.strictObject({ batch: z.int().min(1).default(16) })
 * validate(schema, {}, fileKeys('run.toml')) // { batch: 16 }
 */
export function validate<S extends z.ZodType>(schema: S, value: unknown, placeOf: PlaceOf): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  throw new ConfigError(result.error.issues.flatMap((issue) => lines(schema, issue, placeOf)).join('\n'))
}

function lines(schema: z.core.$ZodType, issue: z.core.$ZodIssue, placeOf: PlaceOf): string[] {
  const { path, input } = issue
  if (issue.code === 'unrecognized_keys') {
    const keys = Object.keys(fieldsAt(schema, path))
    return issue.keys.map(
      (key) => `${placeOf([...path, key])} is not known${guess(key, keys) || `; there are ${keys.join(', ')}`}`,
    )
  }
  if (issue.code === 'invalid_union') {
    // The one of several that looks like what was meant: it finds mistakes inside.
    const meant = issue.errors.findIndex((errors) =>
      errors.some(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
    )
    const { options } = definition(schemaAt(schema, path)) as z.core.$ZodUnionDef
    const within: PlaceOf = (inside) => placeOf([...path, ...inside])
    if (meant >= 0) return issue.errors[meant].flatMap((each) => lines(options[meant], each, within))
  }
  if (input === undefined && path.length > 0) return [`${placeOf(path.slice(0, -1))} needs ${String(path.at(-1))}`]
  const wanted = schemaAt(schema, path)
  return [`${placeOf(path)} must be ${expected(wanted)}, got ${shown(input)}${hint(wanted, input)}`]
}

/** What was meant: the nearest word, or what a table that can be switched off is by default. */
function hint(schema: z.core.$ZodType, input: unknown): string {
  const def = definition(schema)
  if (def.type === 'enum' && typeof input === 'string') return guess(input, Object.values(def.entries).map(String))
  if (def.type !== 'union') return ''
  const canBeOff = def.options.some((option) => definition(option).type === 'literal')
  if (canBeOff && input === true) return '; leave it out to have it as it is by default'
  return def.options.map((option) => hint(option, input)).join('')
}

/** The schema of a place; of several that may stand there, the one that has places inside. */
function schemaAt(schema: z.core.$ZodType, [key, ...rest]: Path): z.core.$ZodType {
  if (key === undefined) return schema
  const def = definition(schema)
  if (def.type === 'union') return schemaAt(withPlaces(def), [key, ...rest])
  if (def.type === 'object') return schemaAt(def.shape[String(key)], rest)
  if (def.type === 'record') return schemaAt(def.valueType, rest)
  return def.type === 'array' ? schemaAt(def.element, rest) : schema
}

function fieldsAt(schema: z.core.$ZodType, path: Path): object {
  const def = definition(schemaAt(schema, path))
  return def.type === 'union' ? fieldsAt(withPlaces(def), []) : (def as z.core.$ZodObjectDef).shape
}

const withPlaces = ({ options }: z.core.$ZodUnionDef) => options.find((option) => definition(option).type === 'object')!

function shown(value: unknown): string {
  // As TOML writes what JSON has no words for.
  if (typeof value === 'number' && !Number.isFinite(value))
    return String(value).toLowerCase().replace('infinity', 'inf')
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

/** `; did you mean leastWords?`, or nothing when no word is like it. */
function guess(word: string, words: readonly string[]): string {
  const near = nearest(word, words)
  return near === undefined ? '' : `; did you mean ${near}?`
}
