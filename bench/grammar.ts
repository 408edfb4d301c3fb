import { random } from '../src/base/index.ts'
import {
  type Grammar,
  grammarConstraint,
  jsonGrammar,
  jsonSchemaGrammar,
  parseGbnf,
  regexGrammar,
} from '../src/grammar/index.ts'
import { type Tokenizer, trainBpe } from '../src/tokenizers/index.ts'
import type { Bench, Case } from './runner/contract.ts'
import { compare, figure, rounded } from './runner/statistics.ts'
import { benchText } from './texts/texts.ts'

// What a constraint costs for each token: `allowed()` and `accept()` along texts of the grammar that were encoded beforehand.
// A decoding step of GPT-2 124M takes some 2.9 ms; a twentieth of that is 145 µs.

const target = 'value <= 145'

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 60 },
    city: { type: 'string' },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 5 },
    address: {
      type: 'object',
      properties: {
        street: { type: 'string' },
        number: { type: 'integer' },
        since: { type: 'string', format: 'date' },
      },
      required: ['street'],
    },
    status: { enum: ['active', 'inactive', 'unknown'] },
  },
  required: ['name', 'city', 'age', 'status'],
}

const arithmetic = `
root ::= sum ("=" sum)?
sum ::= term (("+" | "-") term)*
term ::= factor (("*" | "/") factor)*
factor ::= [0-9]+ | [a-z] | "(" sum ")"
`

const words = 'the river Алматы қала house of stones and "quoted" words 😀 where nobody lives any more'.split(' ')

/** Texts that follow each grammar, all different. */
const makers: Readonly<Record<string, { grammar: () => Grammar; text: (draw: (limit: number) => number) => string }>> =
  {
    'JSON of a schema': {
      grammar: () => jsonSchemaGrammar(schema),
      text: (draw) =>
        JSON.stringify({
          name: phrase(draw, 1 + draw(4))
            .slice(0, 40)
            .toWellFormed(),
          city: phrase(draw, 2),
          age: draw(121),
          tags: Array.from({ length: draw(6) }, () => phrase(draw, 2)),
          address: {
            street: phrase(draw, 3),
            number: draw(1000),
            since: `20${10 + draw(16)}-0${1 + draw(9)}-1${draw(10)}`,
          },
          status: schema.properties.status.enum[draw(3)],
        }),
    },
    'any JSON': { grammar: () => jsonGrammar(), text: (draw) => JSON.stringify(anyValue(draw, 4)) },
    'a regular expression': {
      grammar: () =>
        regexGrammar('(\\p{Lu}\\p{Ll}+ ){1,20}\\d{4}-\\d{2}-\\d{2}( [a-z0-9._]+@[a-z0-9]+\\.(com|org|kz))?: .*'),
      text: (draw) => `Some Names Қала Here 2024-05-1${draw(10)} some.one@example.kz: ${phrase(draw, 20)}`,
    },
    'arithmetic in GBNF': { grammar: () => parseGbnf(arithmetic), text: (draw) => sum(draw, 5) },
  }

const phrase = (draw: (limit: number) => number, count: number) =>
  Array.from({ length: count }, () => words[draw(words.length)]).join(' ')

function anyValue(draw: (limit: number) => number, depth: number): unknown {
  const kind = depth === 0 ? 2 + draw(4) : draw(6)
  if (kind === 0) return Array.from({ length: draw(5) }, () => anyValue(draw, depth - 1))
  if (kind === 1) {
    return Object.fromEntries(Array.from({ length: draw(6) }, () => [phrase(draw, 1), anyValue(draw, depth - 1)]))
  }
  if (kind === 2) return (draw(20_000) - 10_000) / 100
  return kind === 3 ? null : phrase(draw, 1 + draw(8))
}

function sum(draw: (limit: number) => number, depth: number): string {
  const one = () => (depth === 0 || draw(3) === 0 ? String(draw(1000)) : `(${sum(draw, depth - 1)})`)
  return Array.from({ length: 1 + draw(3) }, one).join('+-*/'[draw(4)])
}

const bench: Bench = {
  title: 'Constraints on output: µs a token for masks over 50,257 tokens, and the cost of the first ones.',
  async *cases({ wants, progress }): AsyncGenerator<Case> {
    progress('training a vocabulary')
    const tokenizer = largeVocabulary()
    for (const [name, { grammar, text }] of Object.entries(makers)) {
      if (!wants(name)) continue
      progress(name)
      yield* constraintCases(name, grammar, tokenizer, text)
    }
  },
}
export default bench

function* constraintCases(
  name: string,
  grammar: () => Grammar,
  tokenizer: Tokenizer,
  text: (draw: (limit: number) => number) => string,
): Generator<Case> {
  grammarConstraint(regexGrammar('a'), tokenizer) // the tree of tokens, which all grammars share
  const start = performance.now()
  const begin = grammarConstraint(grammar(), tokenizer)
  const compiledMs = performance.now() - start
  const rng = random(1)
  const texts = Array.from({ length: 120 }, () => tokenizer.encode(text((limit) => rng.integer(limit))))
  const cold: number[] = []
  const steps: number[] = []
  for (const [i, ids] of texts.entries()) {
    const constraint = begin()
    for (const id of ids) {
      const before = performance.now()
      constraint.allowed()
      constraint.accept(id)
      const us = 1e3 * (performance.now() - before)
      ;(i < 10 ? cold : steps).push(us)
    }
    if (!constraint.mayEnd) throw new Error(`${name}: a text does not follow its grammar`)
  }
  const sorted = steps.toSorted((a, b) => a - b)
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length
  const note =
    `median ${rounded(sorted[sorted.length >> 1])}, p99 ${rounded(sorted[Math.floor(0.99 * sorted.length)])}, most ` +
    `${rounded(sorted[sorted.length - 1])} µs; the first 10 texts: mean ${rounded(mean(cold))}, most ` +
    `${rounded(Math.max(...cold))} µs; compiled in ${rounded(compiledMs)} ms`
  yield compare({
    case: `${name}, mean`,
    ours: { ...figure(steps, 'µs/token'), value: rounded(mean(steps)) },
    target,
    lessIsBetter: true,
    note,
  })
}

/** 50,257 tokens, as GPT-2 has, learned from English, Kazakh and code. */
function largeVocabulary(): Tokenizer {
  const texts = (['english', 'kazakh', 'code'] as const).map((name) => benchText(name, 4e6).text)
  const tokenizer = trainBpe(texts, { vocabSize: 50_257, specials: ['<|endoftext|>'] })
  if (tokenizer.vocabSize < 50_000) throw new Error(`only ${tokenizer.vocabSize} tokens were learned`)
  return tokenizer
}
