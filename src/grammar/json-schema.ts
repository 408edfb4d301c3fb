import { ConfigError } from '../base/index.ts'
import {
  choice,
  type Expression,
  type Grammar,
  never,
  nothing,
  oneOfTexts,
  optional,
  repeat,
  rule,
  sequence,
  star,
  text,
} from './expression.ts'
import { formats } from './formats.ts'
import {
  encodedExpression,
  encodedText,
  type JsonLayout,
  type JsonMarks,
  jsonCharacter,
  jsonMarks,
  jsonRules,
  quoted,
  stringExcept,
} from './json.ts'
import { type JsonSchema, mergeSchemas, type SchemaObject } from './merge-schemas.ts'
import { anyNumber, type Bounds, decimalRange, integerRange } from './number-ranges.ts'
import { parseRegex } from './regex.ts'

export interface JsonSchemaOptions {
  /** Default `compact`. */
  readonly layout?: JsonLayout
  /** Whether objects whose schema is silent about `additionalProperties` have others than those it names. Default false. */
  readonly open?: boolean
  /** Keywords to be left out of account, or `true` for all that are not supported. Texts may then break the schema. */
  readonly ignore?: true | readonly string[]
}

/** Keywords that say nothing of what is allowed. */
const annotations = new Set(
  (
    'title description default examples $schema $id $anchor $comment $defs definitions deprecated readOnly writeOnly ' +
    'contentMediaType contentEncoding discriminator example externalDocs xml'
  ).split(' '),
)
/** Which type each assertion is about. */
const typeOf: Readonly<Record<string, string>> = {
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  items: 'array',
  prefixItems: 'array',
  minItems: 'array',
  maxItems: 'array',
  minLength: 'string',
  maxLength: 'string',
  pattern: 'string',
  format: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
}
const others = new Set(['type', 'nullable', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'])
const typeNames = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
const deepest = 150
const mostSchemas = 50_000

/**
 * The grammar of the JSON texts that a JSON Schema (2020-12) allows.
 *
 * Every text of the grammar is valid; not every valid text is one of the grammar: properties stand in the order of the schema,
 * and additional ones behind them; objects and tuples have others than the schema names only where it says so, or with `open`; a
 * schema without `type` stands for values of the types that its keywords are about; numbers have up to 15 digits on each side
 * of the point, bounded ones no exponent; strings with a pattern or a format, and additional names, have no escapes but those
 * that they need. `oneOf` is taken as `anyOf`: its schemas should exclude each other, which is not checked.
 *
 * Supported: type, enum, const, properties, required, additionalProperties, items, prefixItems, minItems, maxItems, minLength,
 * maxLength (code points), pattern, format (date, time, date-time, uuid, email, ipv4), minimum, maximum, exclusiveMinimum,
 * exclusiveMaximum, anyOf, oneOf, allOf, $ref within the schema, $defs, nullable.
 *
 * @param schema as `JSON.parse` gives it
 * @throws ConfigError for other keywords, with keyword and path, unless ignored, and for schemas that no text follows
 *
 * @example
 * const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
 * const constraint = grammarConstraint(jsonSchemaGrammar(schema), byteTokenizer())()
 * for (const id of byteTokenizer().encode('{"name":"Айгүл"}')) constraint.accept(id)
 * constraint.mustEnd // true
 */
export function jsonSchemaGrammar(schema: JsonSchema, options: JsonSchemaOptions = {}): Grammar {
  const builder = new Builder(schema, options)
  return { root: '#', rules: builder.build() }
}

class Builder {
  readonly #root: JsonSchema
  readonly #options: JsonSchemaOptions
  readonly #marks: JsonMarks
  readonly #rules: Map<string, Expression>
  readonly #references = new Set<string>()
  #schemas = 0
  #depth = 0

  constructor(root: JsonSchema, options: JsonSchemaOptions) {
    this.#root = root
    this.#options = options
    this.#marks = jsonMarks(options.layout ?? 'compact')
    this.#rules = jsonRules(this.#marks)
  }

  build(): Map<string, Expression> {
    this.#references.add('#')
    // References that are met on the way come to the end of the set.
    for (const pointer of this.#references) this.#rules.set(pointer, this.#value(this.#target(pointer), pointer))
    return this.#rules
  }

  #value(schema: unknown, path: string): Expression {
    if (++this.#schemas > mostSchemas) throw new ConfigError(`JSON Schema: more than ${mostSchemas} schemas in one`)
    if (++this.#depth > deepest) this.#fail(path, `schemas nested more than ${deepest} deep; use $ref`)
    const found = this.#flattened(schema, path)
    const expression = this.#written(found, path)
    this.#depth--
    return expression
  }

  #written(schema: JsonSchema, path: string): Expression {
    if (schema === true) return rule('value')
    if (schema === false) return never
    if (typeof schema.$ref === 'string') {
      this.#references.add(schema.$ref)
      return rule(schema.$ref)
    }
    const either = schema.anyOf ?? schema.oneOf
    if (either !== undefined) {
      const keyword = schema.anyOf === undefined ? 'oneOf' : 'anyOf'
      const { [keyword]: _, ...rest } = schema
      const options = this.#list(either, path, keyword).map((option, i) => {
        const both = Object.keys(rest).some((each) => !annotations.has(each)) ? { allOf: [rest, option] } : option
        return this.#value(both, `${path}/${keyword}/${i}`)
      })
      return choice(...options)
    }
    this.#checkKeywords(schema, path)
    const nullable = schema.nullable === true
    if ('enum' in schema || 'const' in schema) return this.#enumerated(schema, path, nullable)
    const types = this.#types(schema, path)
    if (types === undefined) return rule('value')
    const options = types.map((type) => this.#typed(type, schema, path))
    if (nullable && !types.includes('null')) options.push(text('null'))
    return choice(...options)
  }

  /** Without allOf, and without a reference beside other keywords. */
  #flattened(schema: unknown, path: string, depth = 0): JsonSchema {
    if (typeof schema === 'boolean') return schema
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
      this.#fail(path, `expected a schema, got ${JSON.stringify(schema)?.slice(0, 40)}`)
    }
    if (depth > 64) this.#fail(path, 'allOf or $ref that lead to themselves')
    const { allOf, $ref, ...rest } = schema as SchemaObject
    const hasMore = Object.keys(rest).some((each) => !annotations.has(each))
    if (allOf === undefined && ($ref === undefined || !hasMore)) return schema as SchemaObject
    let out: JsonSchema = rest
    const merge = (part: unknown, where: string) => {
      out = mergeSchemas(out, this.#flattened(this.#whole(part, depth, path), where, depth + 1), path)
    }
    if ($ref !== undefined) merge(this.#target($ref), path)
    if (allOf !== undefined) {
      this.#list(allOf, path, 'allOf').forEach((part, i) => {
        merge(part, `${path}/allOf/${i}`)
      })
    }
    // What was merged may hold such keywords again.
    return typeof out === 'object' && ('allOf' in out || '$ref' in out) ? this.#flattened(out, path, depth + 1) : out
  }

  /** What a reference refers to, for whoever has to look inside. */
  #whole(schema: unknown, depth: number, path: string): unknown {
    let out = schema
    for (let hops = depth; typeof out === 'object' && out !== null && '$ref' in out && !('allOf' in out); hops++) {
      if (hops > 64) this.#fail(path, '$ref that lead to themselves')
      const { $ref, ...rest } = out as SchemaObject
      if (Object.keys(rest).some((each) => !annotations.has(each))) break
      out = this.#target($ref)
    }
    return out
  }

  #target(pointer: unknown): unknown {
    if (typeof pointer !== 'string' || !/^#(\/|$)/.test(pointer)) {
      throw new ConfigError(
        `JSON Schema: the reference ${JSON.stringify(pointer)} is not within the schema; expected one such as "#/$defs/name"`,
      )
    }
    let target: unknown = this.#root
    for (const part of pointer.split('/').slice(1)) {
      let key = part
      try {
        key = decodeURIComponent(part)
      } catch {}
      key = key.replaceAll('~1', '/').replaceAll('~0', '~')
      const isThere = typeof target === 'object' && target !== null && Object.hasOwn(target, key)
      if (!isThere) throw new ConfigError(`JSON Schema: there is nothing at the reference "${pointer}"`)
      target = (target as Record<string, unknown>)[key]
    }
    return target
  }

  #checkKeywords(schema: SchemaObject, path: string): void {
    for (const keyword of Object.keys(schema)) {
      if (Object.hasOwn(typeOf, keyword) || others.has(keyword) || annotations.has(keyword)) continue
      if (this.#isIgnored(keyword)) continue
      if (keyword.startsWith('x-')) continue
      this.#fail(path, `the keyword "${keyword}" is not supported; take it out, or name it in the option ignore`)
    }
  }

  #isIgnored(keyword: string): boolean {
    const { ignore = [] } = this.#options
    return ignore === true || ignore.includes(keyword)
  }

  /** The types that are allowed; undefined for all. */
  #types(schema: SchemaObject, path: string): string[] | undefined {
    if (schema.type === undefined) {
      const types = Object.keys(schema).flatMap((keyword) => (Object.hasOwn(typeOf, keyword) ? [typeOf[keyword]] : []))
      return types.length === 0 ? undefined : [...new Set(types)]
    }
    const types = Array.isArray(schema.type) ? schema.type : [schema.type]
    for (const type of types) {
      if (!typeNames.includes(type))
        this.#fail(path, `there is no type ${JSON.stringify(type)}; types are ${typeNames.join(', ')}`)
    }
    return types.includes('number') ? types.filter((type) => type !== 'integer') : types
  }

  #typed(type: string, schema: SchemaObject, path: string): Expression {
    switch (type) {
      case 'object':
        return this.#named(path, 'object', () => this.#object(schema, path))
      case 'array':
        return this.#named(path, 'array', () => this.#array(schema, path))
      case 'string':
        return this.#string(schema, path)
      case 'boolean':
        return choice(text('true'), text('false'))
      case 'null':
        return text('null')
      default:
        return this.#number(type, schema, path)
    }
  }

  /** A rule of its own, so that nested schemas do not become nested expressions. */
  #named(path: string, kind: string, make: () => Expression): Expression {
    const base = `${kind} ${path}`
    let name = base
    for (let i = 2; this.#rules.has(name); i++) name = `${base} ${i}`
    this.#rules.set(name, never)
    this.#rules.set(name, make())
    return rule(name)
  }

  #enumerated(schema: SchemaObject, path: string, nullable: boolean): Expression {
    let values = 'enum' in schema ? this.#list(schema.enum, path, 'enum') : [schema.const]
    if ('enum' in schema && 'const' in schema) {
      values = values.filter((value) => JSON.stringify(value) === JSON.stringify(schema.const))
    }
    const extra = Object.keys(schema).find((keyword) => Object.hasOwn(typeOf, keyword) && !this.#isIgnored(keyword))
    if (extra !== undefined) {
      this.#fail(
        path,
        `"${extra}" beside enum or const; leave in the list only values that are allowed, and take it out`,
      )
    }
    const types = this.#types(schema, path)
    if (types !== undefined) values = values.filter((value) => types.some((type) => isOfType(value, type)))
    const texts = values.map((value) => this.#spelled(value))
    if (nullable) texts.push('null')
    return oneOfTexts(texts)
  }

  /** A value as it is written in the layout. */
  #spelled(value: unknown): string {
    const [comma, colon] = this.#options.layout === 'spaced' ? [', ', ': '] : [',', ':']
    if (Array.isArray(value)) return `[${value.map((each) => this.#spelled(each)).join(comma)}]`
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(
        ([name, each]) => `"${encodedText(name)}"${colon}${this.#spelled(each)}`,
      )
      return `{${members.join(comma)}}`
    }
    return typeof value === 'string' ? `"${encodedText(value)}"` : JSON.stringify(value)
  }

  #string(schema: SchemaObject, path: string): Expression {
    const min = this.#size(schema, 'minLength', path) ?? 0
    const max = this.#size(schema, 'maxLength', path) ?? Number.POSITIVE_INFINITY
    const isCounted = min > 0 || max !== Number.POSITIVE_INFINITY
    const isIgnoredFormat =
      typeof schema.format === 'string' && !formats.has(schema.format) && this.#isIgnored('format')
    const shapes = [schema.pattern !== undefined, schema.format !== undefined && !isIgnoredFormat, isCounted]
    if (shapes.filter(Boolean).length > 1) {
      this.#fail(path, 'only one of pattern, format and a length can hold at a time; put the length into the pattern')
    }
    if (schema.pattern !== undefined) {
      if (typeof schema.pattern !== 'string') this.#fail(path, 'the pattern is no string')
      return quoted(encodedExpression(parseRegex(schema.pattern, 'part')))
    }
    if (schema.format !== undefined && !isIgnoredFormat) {
      const pattern = formats.get(schema.format as string)
      if (pattern === undefined) {
        this.#fail(
          path,
          `the format ${JSON.stringify(schema.format)} is not supported; there are ${[...formats.keys()].join(', ')}; take it ` +
            'out, or name "format" in the option ignore',
        )
      }
      return quoted(encodedExpression(parseRegex(pattern, 'whole')))
    }
    if (!isCounted) return rule('string')
    return max < min ? never : quoted(repeat(jsonCharacter, min, max))
  }

  #number(type: string, schema: SchemaObject, path: string): Expression {
    const low = this.#bound(schema, 'minimum', 'exclusiveMinimum', path, Math.max)
    const high = this.#bound(schema, 'maximum', 'exclusiveMaximum', path, Math.min)
    if (type === 'integer') return integerRange({ low, high })
    if (low === undefined && high === undefined) return anyNumber
    const isNone = low && high && (low.value > high.value || (low.value === high.value && (low.isOpen || high.isOpen)))
    return isNone ? never : decimalRange({ low, high })
  }

  #bound(
    schema: SchemaObject,
    closed: string,
    open: string,
    path: string,
    tighter: (a: number, b: number) => number,
  ): Bounds['low'] {
    const [a, b] = [schema[closed], schema[open]]
    for (const [keyword, value] of [
      [closed, a],
      [open, b],
    ] as const) {
      if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value)))
        this.#fail(path, `${keyword} is ${JSON.stringify(value)}; expected a number`)
    }
    if (a === undefined && b === undefined) return undefined
    if (b === undefined) return { value: a as number, isOpen: false }
    if (a === undefined) return { value: b as number, isOpen: true }
    const value = tighter(a as number, b as number)
    return { value, isOpen: value === b }
  }

  #array(schema: SchemaObject, path: string): Expression {
    const { comma, gap } = this.#marks
    const prefix = schema.prefixItems === undefined ? [] : this.#list(schema.prefixItems, path, 'prefixItems')
    if (prefix.length > 200) this.#fail(path, 'more than 200 prefixItems')
    const min = this.#size(schema, 'minItems', path) ?? 0
    const max = this.#size(schema, 'maxItems', path) ?? Number.POSITIVE_INFINITY
    const isOpen = prefix.length === 0 || this.#options.open === true
    const items = schema.items ?? isOpen
    const item = items === false ? never : this.#value(items, `${path}/items`)
    const parts = prefix.map((each, i) => this.#value(each, `${path}/prefixItems/${i}`))
    const wrapped = (inside: Expression) => sequence(text('['), gap, inside, text(']'))
    const filled = (inside: Expression) => sequence(inside, gap)
    /** Elements from number `i` on, behind others. */
    const rest = (i: number): Expression => {
      if (i >= max) return nothing
      if (i >= parts.length) {
        const more = sequence(comma, item)
        return items === false ? (min > i ? never : nothing) : repeat(more, Math.max(0, min - i), max - i)
      }
      const next = sequence(comma, parts[i], rest(i + 1))
      return i >= min ? optional(next) : next
    }
    if (max < min) return never
    if (max === 0) return wrapped(nothing)
    if (parts.length === 0 && items === false) return min === 0 ? wrapped(nothing) : never
    const some = filled(sequence(parts[0] ?? item, rest(1)))
    return wrapped(min === 0 ? optional(some) : some)
  }

  #object(schema: SchemaObject, path: string): Expression {
    const { comma, colon, gap } = this.#marks
    const known = (schema.properties ?? {}) as Record<string, unknown>
    if (typeof known !== 'object' || known === null || Array.isArray(known)) this.#fail(path, 'properties is no object')
    const required = schema.required === undefined ? [] : this.#list(schema.required, path, 'required')
    const isFree = schema.properties === undefined && schema.required === undefined
    const silent = isFree || this.#options.open === true
    const additional = schema.additionalProperties ?? silent
    const properties = new Map(Object.entries(known))
    for (const name of required) {
      if (typeof name !== 'string') this.#fail(path, 'required holds what is no name')
      if (!properties.has(name)) properties.set(name, schema.additionalProperties ?? true)
    }
    const members = Array.from(properties, ([name, value]) => ({
      isRequired: required.includes(name),
      member: sequence(
        text(`"${encodedText(name)}"`),
        colon,
        this.#value(value, `${path}/properties/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
      ),
    }))
    const value = additional === false ? never : this.#value(additional, `${path}/additionalProperties`)
    const name = properties.size === 0 ? rule('string') : stringExcept([...properties.keys()])
    const other = sequence(name, colon, value)
    const end = additional === false ? nothing : star(sequence(comma, other))
    const begin = additional === false ? nothing : optional(sequence(other, end))
    /** Members from number i on, behind others, and as the first. */
    let after: Expression = end
    let first: Expression = begin
    for (let i = members.length - 1; i >= 0; i--) {
      const { member, isRequired } = members[i]
      const rest = after
      const none = first
      const some = sequence(comma, member, rest)
      after = this.#named(path, 'members', () => (isRequired ? some : choice(some, rest)))
      const start = sequence(member, rest)
      first = this.#named(path, 'members', () => (isRequired ? start : choice(start, none)))
    }
    return sequence(text('{'), gap, first, gap, text('}'))
  }

  #size(schema: SchemaObject, keyword: string, path: string): number | undefined {
    const value = schema[keyword]
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 2 ** 30)
      this.#fail(path, `${keyword} is ${JSON.stringify(value)}; expected a whole number from 0 to 2^30`)
    return value
  }

  #list(value: unknown, path: string, keyword: string): readonly unknown[] {
    if (!Array.isArray(value)) this.#fail(path, `${keyword} is no list`)
    return value
  }

  #fail(path: string, what: string): never {
    throw new ConfigError(`JSON Schema: ${path}: ${what}`)
  }
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value)
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}
