import { ConfigError } from '../base/index.ts'

/** A JSON Schema: what it says of a value; `true` says nothing, `false` allows none. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown }
export type SchemaObject = { readonly [keyword: string]: unknown }

const lowest = (a: unknown, b: unknown) => Math.min(a as number, b as number)
const highest = (a: unknown, b: unknown) => Math.max(a as number, b as number)
const numeric: Readonly<Record<string, (a: unknown, b: unknown) => number>> = {
  minimum: highest,
  exclusiveMinimum: highest,
  minLength: highest,
  minItems: highest,
  maximum: lowest,
  exclusiveMaximum: lowest,
  maxLength: lowest,
  maxItems: lowest,
}

/**
 * A schema for the values that two schemas allow.
 *
 * @param path of the schema, for errors
 * @throws ConfigError where that cannot be said in one schema
 */
export function mergeSchemas(a: JsonSchema, b: JsonSchema, path: string): JsonSchema {
  if (a === true || b === false) return b
  if (b === true || a === false) return a
  const out: Record<string, unknown> = { ...a }
  for (const [keyword, value] of Object.entries(b)) {
    const before = a[keyword]
    if (keyword === 'properties' || keyword === 'additionalProperties') continue
    if (!(keyword in a) || same(before, value)) out[keyword] = value
    else if (keyword in numeric) out[keyword] = numeric[keyword](before, value)
    else if (keyword === 'type') out.type = commonTypes(list(before), list(value))
    else if (keyword === 'required') out.required = [...new Set([...(before as []), ...(value as [])])]
    else if (keyword === 'enum') out.enum = list(before).filter((one) => list(value).some((other) => same(one, other)))
    else if (keyword === 'items') out.items = { allOf: [before, value] }
    else if (keyword === 'anyOf' || keyword === 'oneOf') {
      out[keyword] = list(before).flatMap((one) => list(value).map((other) => ({ allOf: [one, other] })))
    } else if (keyword === 'nullable') out.nullable = before === true && value === true
    else {
      throw new ConfigError(
        `JSON Schema: ${path}: two schemas that must both hold differ in "${keyword}", which cannot be said in one`,
      )
    }
  }
  mergeProperties(a, b, out)
  return out
}

/** Names that only one of the schemas knows are additional ones for the other. */
function mergeProperties(a: SchemaObject, b: SchemaObject, out: Record<string, unknown>): void {
  if (!('properties' in b) && !('additionalProperties' in b)) return
  const known = [a, b].map((each) => new Map(Object.entries((each.properties ?? {}) as Record<string, unknown>)))
  const properties = new Map<string, unknown>()
  for (const name of [...known[0].keys(), ...known[1].keys()]) {
    const parts = [a, b].map((each, i) =>
      known[i].has(name) ? known[i].get(name) : (each.additionalProperties ?? true),
    )
    const [one, other] = parts
    properties.set(name, one === true ? other : other === true || same(one, other) ? one : { allOf: parts })
  }
  if (properties.size > 0) out.properties = Object.fromEntries(properties)
  const additional = [a, b].flatMap((each) => ('additionalProperties' in each ? [each.additionalProperties] : []))
  if (additional.length > 0) out.additionalProperties = additional.length === 1 ? additional[0] : { allOf: additional }
}

function commonTypes(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const narrowed = (from: readonly unknown[], to: readonly unknown[]) =>
    from.filter((type) => to.includes(type) || (type === 'integer' && to.includes('number')))
  return [...new Set([...narrowed(a, b), ...narrowed(b, a)])]
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
