import { ConfigError, FormatError } from '../../base/index.ts'

/** A value in a foreign JSON file and where it stands. Whatever is asked of it, it gives that or a {@link FormatError}. */
export interface JsonPlace {
  readonly value: unknown
  /** Whether there is something: neither absent nor null. */
  readonly isGiven: boolean
  /** Says that this place is wrong. */
  fail(reason: string): never
  /** A field of an object. */
  at(name: string): JsonPlace
  /** The same place with another value. */
  with(value: unknown): JsonPlace
  /** An entry of an object that is a table. */
  entry(name: string): JsonPlace
  /** An entry of a list. */
  item(place: number): JsonPlace
  /** The places in a list. */
  list(): JsonPlace[]
  /** The entries of an object that is a table. */
  record(): Map<string, JsonPlace>
  text(instead?: string): string
  /** One character. */
  character(): string
  flag(instead?: boolean): boolean
  /** An integer from 0 up. */
  count(instead?: number): number
  number(): number
  /** Bytes, which are text in base64. */
  bytes(): Uint8Array
  /** What the text here stands for in a table. */
  choice<T>(table: Readonly<Record<string, T>>, instead?: string): T
  /** What a function makes of it; what it finds wrong with a setting is wrong with the file, here. */
  made<T>(make: () => T): T
}

/** The whole of a JSON text. */
export function jsonRoot(text: string, file: string): JsonPlace {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new FormatError(`${file}: not JSON: ${(error as Error).message.slice(0, 200)}`, { cause: error })
  }
  return jsonPlace(value, file, '')
}

function jsonPlace(value: unknown, file: string, path: string): JsonPlace {
  const fail = (reason: string): never => {
    throw new FormatError(`${file}: ${path === '' ? 'the whole' : path}: ${reason}`)
  }
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  const missing = value === undefined || value === null
  const kind = <T>(fits: boolean, what: string, instead: T | undefined): T => {
    if (missing && instead !== undefined) return instead
    return fits ? (value as T) : fail(`expected ${what}, got ${shown(value)}`)
  }
  const count = (instead?: number) =>
    kind<number>(Number.isSafeInteger(value) && (value as number) >= 0, 'a count', instead)
  const text = (instead?: string) => kind<string>(typeof value === 'string', 'text', instead)
  const field = (name: string): unknown => {
    if (!isRecord) fail(`expected an object, got ${shown(value)}`)
    return Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : undefined
  }
  const at = (name: string) => jsonPlace(field(name), file, path === '' ? name : `${path}.${name}`)
  const entry = (name: string) => jsonPlace(field(name), file, `${path}[${JSON.stringify(name.slice(0, 80))}]`)
  const all = () => kind<unknown[]>(Array.isArray(value), 'a list', undefined)
  const item = (place: number) => jsonPlace(all()[place], file, `${path}[${place}]`)
  return {
    value,
    isGiven: !missing,
    fail,
    at,
    with: (other) => jsonPlace(other, file, path),
    entry,
    item,
    list: () => all().map((_, i) => item(i)),
    record: () =>
      new Map(Object.keys(kind<object>(isRecord, 'an object', undefined)).map((name) => [name, entry(name)])),
    text,
    character() {
      const character = text()
      return [...character].length === 1 ? character : fail(`expected one character, got ${shown(value)}`)
    },
    flag: (instead) => kind(typeof value === 'boolean', 'true or false', instead),
    count,
    number: () => kind<number>(typeof value === 'number', 'a number', undefined),
    bytes() {
      try {
        return Uint8Array.from(atob(text()), (character) => character.charCodeAt(0))
      } catch (error) {
        if (error instanceof FormatError) throw error
        return fail(`expected base64, got ${shown(value)}`)
      }
    },
    choice(table, instead) {
      const name = text(instead)
      return Object.hasOwn(table, name)
        ? table[name]
        : fail(`${shown(name)} is not one of ${Object.keys(table).join(', ')}`)
    },
    made(make) {
      try {
        return make()
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        // Who found it does not matter to the reader of the file; where it is does.
        const reason = error.message.replace(/^\w+: /, '')
        if (!/^\w+\[/.test(reason)) return fail(reason)
        throw new FormatError(`${file}: ${path}.${reason}`, { cause: error })
      }
    },
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)!.slice(0, 80)
}
