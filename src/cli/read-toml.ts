import { readFile } from 'node:fs/promises'
import { parse } from 'smol-toml'
import type { z } from 'zod'
import { ConfigError } from '../base/index.ts'
import { fileKeys, validate } from './validate.ts'

/**
 * Reads settings from a TOML file.
 *
 * @throws ConfigError that names the file, the key, and what must stand there
 */
export async function readToml<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new ConfigError(`${path}: cannot be read (${error.code})`)
  })
  let value: unknown
  try {
    value = withoutDates(parse(text))
  } catch (error) {
    throw new ConfigError(`${path}: is not TOML (${(error as Error).message.split('\n')[0]})`)
  }
  return validate(schema, value, fileKeys(path))
}

/** No setting is a time, and a time would pass for a table. */
function withoutDates(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(withoutDates)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutDates(inner)]))
}
