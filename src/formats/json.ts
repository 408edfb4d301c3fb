import { FormatError } from '../base/index.ts'

/**
 * A value of {@link parseJson}. Objects are lists of entries: names may be any string (`__proto__` too), and a name that
 * comes twice is an error, where JSON.parse would silently keep the last.
 */
export type JsonValue = string | number | boolean | null | JsonValue[] | Map<string, JsonValue>

/** Deeper nesting than this is refused; the formats here need three levels. */
const deepest = 64

/**
 * Reads JSON (RFC 8259) strictly, for headers of foreign files.
 *
 * @param text the JSON; only white space may follow the value
 * @param fail how to refuse: receives the place (code unit in `text`) and the reason
 *
 * @example
 * parseJson('[1, true]', (at, reason) => refuse('a.json', `character ${at}`, reason)) // [1, true]
 */
export function parseJson(text: string, fail: (at: number, reason: string) => never): JsonValue {
  let at = 0

  function skip(): void {
    while (at < text.length && ' \t\n\r'.includes(text[at])) at++
  }
  function expectCharacter(character: string): void {
    skip()
    if (text[at] !== character) fail(at, `expected ${character}, got ${at < text.length ? text[at] : 'the end'}`)
    at++
  }
  function value(depth: number): JsonValue {
    if (depth > deepest) fail(at, `nested more than ${deepest} deep`)
    skip()
    const first = text[at]
    if (first === '{') return object(depth)
    if (first === '[') return list(depth)
    if (first === '"') return string()
    return scalar()
  }
  function object(depth: number): Map<string, JsonValue> {
    const entries = new Map<string, JsonValue>()
    at++
    skip()
    if (text[at] === '}') {
      at++
      return entries
    }
    for (;;) {
      skip()
      const place = at
      if (text[at] !== '"') fail(at, 'expected a name in quotes')
      const name = string()
      if (entries.has(name)) fail(place, `the name ${JSON.stringify(shortened(name))} comes twice`)
      expectCharacter(':')
      entries.set(name, value(depth + 1))
      skip()
      if (text[at] !== ',') break
      at++
    }
    expectCharacter('}')
    return entries
  }
  function list(depth: number): JsonValue[] {
    const items: JsonValue[] = []
    at++
    skip()
    if (text[at] === ']') {
      at++
      return items
    }
    for (;;) {
      items.push(value(depth + 1))
      skip()
      if (text[at] !== ',') break
      at++
    }
    expectCharacter(']')
    return items
  }
  function string(): string {
    const start = at++
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    at++
    return parsed(start, Math.min(at, text.length)) as string
  }
  function scalar(): number | boolean | null {
    const start = at
    while (at < text.length && /[-+.\w]/.test(text[at])) at++
    if (start === at) fail(at, `expected a value, got ${at < text.length ? text[at] : 'the end'}`)
    return parsed(start, at) as number | boolean | null
  }
  function parsed(start: number, end: number): unknown {
    try {
      return JSON.parse(text.slice(start, end))
    } catch {
      return fail(start, `${JSON.stringify(shortened(text.slice(start, end)))} is not JSON`)
    }
  }

  const result = value(0)
  skip()
  if (at < text.length) fail(at, 'something follows the value')
  return result
}

/** For messages: long foreign text is cut. @example shortened('a'.repeat(100)).length // 61; 60 and an ellipsis */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** A {@link FormatError} made of file, place and reason. */
export function refuse(file: string, place: string, reason: string): never {
  throw new FormatError(`${file}: ${place}: ${reason}`)
}
