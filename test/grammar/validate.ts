// biome-ignore lint/suspicious/noExplicitAny: a schema may hold anything anywhere
export type Loose = any

/** A validator of JSON Schema for tests: what the specification says, keyword by keyword. Says what is wrong, or nothing. */
export function problem(schema: Loose, value: Loose, root: Loose = schema, path = '$'): string | undefined {
  if (schema === true) return undefined
  if (schema === false) return `${path}: nothing is allowed`
  const wrong = (what: string) => `${path}: ${JSON.stringify(value)} ${what}`
  const all = (...checks: (() => string | undefined)[]) => {
    for (const check of checks) {
      const found = check()
      if (found !== undefined) return found
    }
    return undefined
  }
  if (schema.nullable === true && value === null) return undefined
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  const isType = (type: string) => type === kind || (type === 'integer' && Number.isInteger(value))
  if (schema.$ref !== undefined) {
    const target = schema.$ref
      .split('/')
      .slice(1)
      .reduce((at: Loose, key: string) => at[key], root)
    const found = problem(target, value, root, path)
    if (found !== undefined) return found
  }
  if (schema.type !== undefined && ![schema.type].flat().some(isType)) return wrong(`is not ${schema.type}`)
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  if (schema.enum !== undefined && !schema.enum.some((each: unknown) => same(each, value)))
    return wrong('is not in enum')
  if ('const' in schema && !same(schema.const, value)) return wrong('is not const')
  const valid = (each: Loose) => problem(each, value, root, path) === undefined
  if (schema.anyOf !== undefined && !schema.anyOf.some(valid)) return wrong('follows none of anyOf')
  if (schema.oneOf !== undefined && schema.oneOf.filter(valid).length !== 1) return wrong('follows not one of oneOf')
  for (const each of schema.allOf ?? []) {
    const found = problem(each, value, root, path)
    if (found !== undefined) return found
  }
  if (kind === 'number') {
    if (schema.minimum !== undefined && !(value >= schema.minimum)) return wrong('is below minimum')
    if (schema.maximum !== undefined && !(value <= schema.maximum)) return wrong('is above maximum')
    if (schema.exclusiveMinimum !== undefined && !(value > schema.exclusiveMinimum)) return wrong('is at the minimum')
    if (schema.exclusiveMaximum !== undefined && !(value < schema.exclusiveMaximum)) return wrong('is at the maximum')
  }
  if (kind === 'string') {
    const length = [...value].length
    if (length < (schema.minLength ?? 0) || length > (schema.maxLength ?? Infinity))
      return wrong(`has length ${length}`)
    if (!value.isWellFormed()) return wrong('has half a pair of surrogates')
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) return wrong('misses the pattern')
    if (schema.format !== undefined && !formats[schema.format](value)) return wrong(`is no ${schema.format}`)
  }
  if (kind === 'array') {
    if (value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity))
      return wrong('has that many')
    const prefix = schema.prefixItems ?? []
    return all(
      ...value.map(
        (each: unknown, i: number) => () => problem(prefix[i] ?? schema.items ?? true, each, root, `${path}[${i}]`),
      ),
    )
  }
  if (kind === 'object') {
    for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) return wrong(`lacks ${name}`)
    return all(
      ...Object.entries(value).map(([name, each]) => () => {
        const own = Object.hasOwn(schema.properties ?? {}, name)
        return problem(
          own ? schema.properties[name] : (schema.additionalProperties ?? true),
          each,
          root,
          `${path}.${name}`,
        )
      }),
    )
  }
  return undefined
}

const isDate = (text: string) => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text
}
const isTime = (text: string) => /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.test(text)

const formats: Record<string, (text: string) => boolean> = {
  date: isDate,
  time: isTime,
  'date-time': (text) => isDate(text.slice(0, 10)) && text[10] === 'T' && isTime(text.slice(11)),
  uuid: (text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text),
  email: (text) => /^[\w+-]+(\.[\w+-]+)*@[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)+$/i.test(text),
  ipv4: (text) =>
    text.split('.').length === 4 &&
    text.split('.').every((part) => /^\d{1,3}$/.test(part) && String(+part) === part && +part < 256),
}
