import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/index.ts'
import { grammarConstraint, jsonGrammar, jsonSchemaGrammar } from '../../src/grammar/index.ts'
import type { Tokenizer } from '../../src/tokenizers/index.ts'
import { byteFallback, byteLevel } from './tokenizers.ts'
import { type Loose, problem } from './validate.ts'
import { accepted, idsIn, randomWalk } from './walks.ts'

const words = [
  '"',
  '","',
  '":',
  '":"',
  '"}',
  '"]',
  '}]',
  ']}',
  '},',
  '{"',
  '[{"',
  'name',
  ' name',
  'age',
  '",',
  'қала',
  'ла',
  '12',
  '345',
  '-1',
  '.5',
  'e1',
  'true',
  'false',
  'null',
  '\\n',
  '\\u00',
  '\\"',
  'é',
  '😀',
  '"},"',
  '20',
  '-0',
  ': ',
  ', ',
  '\n  ',
  'a":',
  'ab',
  'bc',
  '2024-',
  '00',
  '.0',
  '"a"',
  '"b":',
  'id',
]
const half = new TextEncoder().encode('қ')
const vocabularies: Record<string, Tokenizer> = {
  'byte-level': byteLevel(
    [...words, half.slice(0, 1), Uint8Array.of(...half.slice(1), 0x61), Uint8Array.of(0x22, half[0])],
    ['<|endoftext|>'],
  ),
  'byte fallback': byteFallback(words.map((word) => word.replaceAll(' ', '▁'))),
}

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 30 },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    қала: { enum: ['Алматы', 'Астана', 'a"b\\c\n😀'] },
  },
  required: ['name', 'қала'],
}

const schemas: Record<string, Loose> = {
  person,
  open: {
    type: 'object',
    properties: { a: { type: 'integer' }, ab: { const: { b: [1, null] } } },
    additionalProperties: { type: 'boolean' },
  },
  required: {
    type: 'object',
    properties: { a: { type: 'null' } },
    required: ['b', 'a'],
    additionalProperties: { type: 'integer' },
  },
  tree: {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: {
          value: { type: 'number' },
          children: { type: 'array', items: { $ref: '#/$defs/node' }, maxItems: 2 },
        },
        required: ['value'],
      },
    },
  },
  self: { type: ['object', 'null'], properties: { next: { $ref: '#' } }, required: ['next'] },
  tuple: {
    type: 'array',
    prefixItems: [{ type: 'integer' }, { type: 'boolean' }, { enum: ['x'] }],
    items: { type: 'null' },
    minItems: 2,
    maxItems: 5,
  },
  closed: { type: 'array', prefixItems: [{ type: 'integer' }], items: false },
  list: {
    type: 'array',
    items: { type: 'integer', exclusiveMinimum: -1000, exclusiveMaximum: 13 },
    minItems: 2,
    maxItems: 4,
  },
  either: {
    anyOf: [
      { type: 'string', maxLength: 3 },
      { type: 'number', minimum: -1.25, exclusiveMaximum: 3.5 },
    ],
  },
  one: {
    oneOf: [
      { type: 'object', properties: { kind: { const: 'a' }, x: { type: 'integer' } }, required: ['kind', 'x'] },
      { type: 'object', properties: { kind: { const: 'b' }, y: { type: 'string' } }, required: ['kind'] },
    ],
  },
  all: {
    allOf: [
      { $ref: '#/$defs/base' },
      { type: 'object', properties: { a: { maximum: 5 }, c: { type: 'boolean' } }, required: ['c'] },
    ],
    $defs: { base: { type: 'object', properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] } },
  },
  beside: {
    type: 'object',
    properties: { a: { type: 'integer' }, b: { type: 'integer' } },
    anyOf: [{ required: ['a'] }, { required: ['b'] }],
  },
  nullable: { type: 'object', properties: { a: { type: 'integer', nullable: true } }, required: ['a'] },
  pattern: { type: 'string', pattern: '^[A-Z]{2}-\\d{3}$' },
  part: { type: 'string', pattern: '"|^c' },
  anything: true,
  ...Object.fromEntries(
    ['date', 'time', 'date-time', 'uuid', 'email', 'ipv4'].map((format) => [format, { type: 'string', format }]),
  ),
}

const utf8 = new TextEncoder()

/** Tokens that close what is open. */
function closing(tokenizer: Tokenizer) {
  const ranks = Array.from({ length: tokenizer.vocabSize }, (_, id) => {
    const bytes = tokenizer.bytesOf(id)
    return bytes.length > 0 && bytes.every((byte) => '"}]'.includes(String.fromCharCode(byte)))
  })
  return (ids: number[]) => {
    const found = ids.filter((id) => ranks[id])
    return found.length > 0 ? found : ids
  }
}

describe.each(Object.entries(vocabularies))('JSON Schema, %s', (_, tokenizer) => {
  const prefer = closing(tokenizer)

  it.each(Object.entries(schemas))('%s: every walk ends in a valid value', (_, schema) => {
    const rng = random(11)
    for (const layout of ['compact', 'spaced', 'free'] as const) {
      const begin = grammarConstraint(jsonSchemaGrammar(schema, { layout }), tokenizer)
      for (let i = 0; i < 60; i++) {
        const ids = randomWalk(begin(), () => rng.next(), { prefer, patience: 25 })
        const text = tokenizer.decode(ids, { skipSpecials: true })
        expect(problem(schema, JSON.parse(text)), text).toBeUndefined()
      }
    }
  })
})

it.each(Object.entries(vocabularies))('any JSON, %s', (_, tokenizer) => {
  const rng = random(5)
  const begin = grammarConstraint(jsonGrammar({ layout: 'free' }), tokenizer)
  for (let i = 0; i < 200; i++) {
    const text = tokenizer.decode(
      randomWalk(begin(), () => rng.next(), { prefer: closing(tokenizer) }),
      { skipSpecials: true },
    )
    JSON.parse(text)
    expect(text.includes('\ufffd') && !text.includes('\\ufffd')).toBe(false)
  }
})

describe('masks', () => {
  it.each(['person', 'tree', 'either', 'open', 'anything', 'date-time'])('of %s are what is accepted', (name) => {
    const rng = random(3)
    for (const tokenizer of Object.values(vocabularies)) {
      const begin = grammarConstraint(jsonSchemaGrammar(schemas[name]), tokenizer)
      for (let i = 0; i < 8; i++) {
        const constraint = begin()
        for (let step = 0; step < 40 && !constraint.mustEnd; step++) {
          const ids = idsIn(constraint.allowed())
          expect(ids).toEqual(accepted(constraint, tokenizer.vocabSize))
          const texts = ids.filter((id) => !tokenizer.specials.has(tokenizer.tokenOf(id)!))
          if (texts.length === 0) break
          constraint.accept(texts[rng.integer(texts.length)])
        }
      }
    }
  })
})

describe('integers between bounds', () => {
  const digits = byteLevel([])
  const takes = (schema: object, text: string) => {
    const constraint = grammarConstraint(jsonSchemaGrammar(schema as Loose), digits)()
    try {
      for (const byte of utf8.encode(text)) constraint.accept(byte)
    } catch {
      return false
    }
    return constraint.mayEnd
  }

  it('are exactly those', () => {
    const rng = random(1)
    for (let i = 0; i < 60; i++) {
      const [a, b] = [rng.integer(3000) - 1500, rng.integer(3000) - 1500].sort((x, y) => x - y)
      const schema = { type: 'integer', minimum: a, maximum: b }
      for (const at of [a - 1, a, a + 1, b - 1, b, b + 1, 0, -1, 9, 10, 99, 100, -100]) {
        expect([a, b, at, takes(schema, String(at))]).toEqual([a, b, at, a <= at && at <= b])
      }
    }
  })

  it('decimals between bounds are exactly those of up to six digits behind the point', () => {
    const rng = random(2)
    for (let i = 0; i < 80; i++) {
      const scale = [1, 10, 100][rng.integer(3)]
      const [a, b] = [rng.integer(400) - 200, rng.integer(400) - 200].sort((x, y) => x - y).map((x) => x / scale)
      const [low, high] = [
        ['minimum', 'exclusiveMinimum'][rng.integer(2)],
        ['maximum', 'exclusiveMaximum'][rng.integer(2)],
      ]
      const schema = { type: 'number', [low]: a, [high]: b }
      for (let n = 0; n < 20; n++) {
        const text = [a, b, (a + b) / 2, (rng.integer(4000) - 2000) / 1000][n % 4].toFixed(rng.integer(5))
        if (text.startsWith('-') && Number(text) === 0) continue
        const isValid = problem(schema, Number(text)) === undefined
        let got = false
        try {
          got = takes(schema, text)
        } catch (error) {
          expect(String(error)).toMatch(/no text follows/)
        }
        expect([schema, text, got]).toEqual([schema, text, isValid])
      }
    }
  })
})

describe('schemas that cannot be used', () => {
  it.each([
    [{ type: 'array', uniqueItems: true }, /#: the keyword "uniqueItems" is not supported/],
    [{ properties: { a: { not: {} } } }, /#\/properties\/a: the keyword "not"/],
    [{ type: 'text' }, /no type "text"/],
    [{ $ref: 'other.json' }, /not within the schema/],
    [{ $ref: '#/$defs/none' }, /nothing at the reference/],
    [{ type: 'string', format: 'uri' }, /format "uri" is not supported/],
    [{ type: 'string', pattern: 'a', maxLength: 3 }, /only one of pattern/],
    [{ type: 'string', pattern: '(?=a)' }, /look-around/],
    [{ allOf: [{ $ref: '#' }] }, /lead to themselves/],
    [{ $ref: '#' }, /no text follows|begins with itself/],
    [{ type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }, /no text follows/],
  ])('%j', (schema, message) => {
    expect(() => grammarConstraint(jsonSchemaGrammar(schema as Loose), vocabularies['byte-level'])).toThrow(message)
  })

  it('may be taken without keywords that are named', () => {
    const schema = { type: 'array', items: { type: 'null' }, uniqueItems: true, maxItems: 1 }
    expect(() => jsonSchemaGrammar(schema, { ignore: ['uniqueItems'] })).not.toThrow()
  })

  it('are refused within a second when they are huge', () => {
    let deep: Loose = { type: 'null' }
    for (let i = 0; i < 5000; i++) deep = { type: 'array', items: deep }
    const wide = { anyOf: Array.from({ length: 60_000 }, () => ({ type: 'null' })) }
    const start = performance.now()
    expect(() => jsonSchemaGrammar(deep)).toThrow(/nested more than/)
    expect(() => jsonSchemaGrammar(wide)).toThrow(/more than 50000/)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
