import { ConfigError } from '../base/index.ts'
import {
  character,
  choice,
  type Expression,
  type Grammar,
  optional,
  plus,
  rule,
  sequence,
  star,
  text,
} from './expression.ts'
import { anyCharacter, complement, intersection, type Ranges, unionOf } from './ranges.ts'

/**
 * Where spaces stand between the parts of JSON: nowhere, one behind each comma and colon as most text has it, or any number
 * of spaces, tabs and line ends wherever JSON allows them.
 */
export type JsonLayout = 'compact' | 'spaced' | 'free'

export interface JsonOptions {
  /** Default `compact`. */
  readonly layout?: JsonLayout
}

/**
 * The grammar of JSON: any value. What follows it, `JSON.parse` takes.
 *
 * In strings, escapes of surrogates come in pairs only.
 *
 * @throws ConfigError for an unknown layout
 * Source: RFC 8259.
 *
 * @example
 * const constraint = grammarConstraint(jsonGrammar(), byteTokenizer())()
 * for (const id of byteTokenizer().encode('{"a":[1,true]')) constraint.accept(id)
 * constraint.mayEnd // false
 */
export function jsonGrammar({ layout = 'compact' }: JsonOptions = {}): Grammar {
  return { root: 'value', rules: jsonRules(jsonMarks(layout)) }
}

/** What stands between values. */
export interface JsonMarks {
  readonly comma: Expression
  readonly colon: Expression
  /** Behind an opening bracket, and before a closing one. */
  readonly gap: Expression
}

export function jsonMarks(layout: JsonLayout): JsonMarks {
  if (layout === 'compact') return { comma: text(','), colon: text(':'), gap: text('') }
  if (layout === 'spaced') return { comma: text(', '), colon: text(': '), gap: text('') }
  if (layout !== 'free') throw new ConfigError(`JSON: there is no layout "${layout}"; expected compact, spaced or free`)
  const gap = star(character(unionOf([' ', '\t', '\n', '\r'].map((each) => [each.charCodeAt(0), each.charCodeAt(0)]))))
  const marked = (mark: string) => sequence(gap, text(mark), gap)
  return { comma: marked(','), colon: marked(':'), gap }
}

const set = (...ranges: readonly [number, number][]): Ranges => unionOf(ranges)
const digit: Ranges = [[0x30, 0x39]]
const hex = character(set([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]))
const oneOf = (characters: string) =>
  character(unionOf(Array.from(characters, (each) => [each.charCodeAt(0), each.charCodeAt(0)])))
/** Characters that stand for themselves in strings. */
const plain = complement(set([0, 0x1f], [0x22, 0x22], [0x5c, 0x5c]))

/** One character of a string, in any of its spellings; half a pair of surrogates is none. */
export const jsonCharacter: Expression = choice(
  character(plain),
  sequence(
    text('\\'),
    choice(
      oneOf('"\\/bfnrt'),
      sequence(
        text('u'),
        choice(
          sequence(oneOf('0123456789abcefABCEF'), hex, hex, hex),
          sequence(oneOf('dD'), oneOf('01234567'), hex, hex),
          sequence(oneOf('dD'), oneOf('89abAB'), hex, hex, text('\\u'), oneOf('dD'), oneOf('cdefCDEF'), hex, hex),
        ),
      ),
    ),
  ),
)

/** Characters of a set in the one spelling that `JSON.stringify` gives them. */
export function encodedCharacter(characters: Ranges): Expression {
  const raw = intersection(characters, plain)
  const escaped: Expression[] = []
  for (const [first, last] of intersection(characters, complement(plain))) {
    for (let code = first; code <= last; code++) escaped.push(text(encodedText(String.fromCharCode(code))))
  }
  return choice(...(raw.length > 0 ? [character(raw)] : []), ...escaped)
}

/** A text inside of quotes, as `JSON.stringify` spells it. */
export function encodedText(content: string): string {
  return JSON.stringify(content.toWellFormed()).slice(1, -1)
}

/** An expression over characters as one over their spelling in a JSON string. */
export function encodedExpression(expression: Expression): Expression {
  if (expression.kind === 'text') return text(encodedText(expression.text))
  if (expression.kind === 'character') return encodedCharacter(expression.set)
  if (expression.kind === 'sequence') return { kind: 'sequence', parts: expression.parts.map(encodedExpression) }
  if (expression.kind === 'choice') return { kind: 'choice', options: expression.options.map(encodedExpression) }
  return expression.kind === 'repeat' ? { ...expression, body: encodedExpression(expression.body) } : expression
}

export const quoted = (inside: Expression): Expression => sequence(text('"'), inside, text('"'))

/** Strings that are none of some, in the one spelling that `JSON.stringify` gives them. */
export function stringExcept(names: readonly string[]): Expression {
  return quoted(except([...new Set(names)]))
}

function except(names: readonly string[]): Expression {
  const tails = new Map<string, string[]>()
  for (const name of names) {
    const code = name.codePointAt(0)
    if (code === undefined) continue
    const head = String.fromCodePoint(code)
    tails.set(head, [...(tails.get(head) ?? []), name.slice(head.length)])
  }
  const heads = unionOf(Array.from(tails.keys(), (head) => [head.codePointAt(0)!, head.codePointAt(0)!] as const))
  const others = sequence(encodedCharacter(complement(heads)), star(encodedCharacter(anyCharacter)))
  const known = Array.from(tails, ([head, rest]) => sequence(text(encodedText(head)), except(rest)))
  return choice(...(names.includes('') ? [] : [text('')]), others, ...known)
}

/** The rules of JSON: `value`, `object`, `array`, `string`, `number`. */
export function jsonRules({ comma, colon, gap }: JsonMarks): Map<string, Expression> {
  const listed = (open: string, item: Expression, close: string) =>
    sequence(text(open), gap, optional(sequence(item, star(sequence(comma, item)), gap)), text(close))
  return new Map<string, Expression>([
    [
      'value',
      choice(rule('object'), rule('array'), rule('string'), rule('number'), text('true'), text('false'), text('null')),
    ],
    ['object', listed('{', sequence(rule('string'), colon, rule('value')), '}')],
    ['array', listed('[', rule('value'), ']')],
    ['string', quoted(star(jsonCharacter))],
    [
      'number',
      sequence(
        optional(text('-')),
        choice(text('0'), sequence(character([[0x31, 0x39]]), star(character(digit)))),
        optional(sequence(text('.'), plus(character(digit)))),
        optional(sequence(oneOf('eE'), optional(oneOf('+-')), plus(character(digit)))),
      ),
    ],
  ])
}
