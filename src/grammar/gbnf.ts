import { ConfigError } from '../base/index.ts'
import {
  character,
  choice,
  type Expression,
  type Grammar,
  nothing,
  repeat,
  rule,
  sequence,
  text,
} from './expression.ts'
import { anyCharacter, complement, type Ranges, unionOf } from './ranges.ts'

const longest = 2_000_000
const deepest = 200

/**
 * Reads a grammar in GBNF, the notation of llama.cpp: `name ::= …` with "texts", [classes], `.` for any character, names of
 * rules, (groups), `|`, `*`, `+`, `?`, `{m,n}`, and comments from `#` on. A rule ends with its line, unless a group is open or
 * an alternative goes on.
 *
 * @param root the rule that a whole text must follow
 * @throws ConfigError for what is no such grammar, with its line; for terminals that are tokens (`<[1000]>`)
 * Source: llama.cpp, grammars/README.md.
 *
 * @example
 * const sums = parseGbnf('root ::= number ("+" number)*\nnumber ::= [0-9]+')
 * sums.rules.size // 2
 */
export function parseGbnf(source: string, root = 'root'): Grammar {
  if (source.length > longest) {
    throw new ConfigError(`GBNF: the grammar has ${source.length} characters, the most is ${longest}`)
  }
  const rules = new Parser(source).parse()
  if (!rules.has(root)) {
    throw new ConfigError(`GBNF: there is no rule "${root}"; there are ${[...rules.keys()].slice(0, 20).join(', ')}`)
  }
  return { root, rules }
}

const nameAt = /[a-zA-Z_][a-zA-Z0-9_-]*/y
const spaceAt = /(?:[ \t]|#[^\r\n]*)+/y
const linesAt = /(?:[ \t\r\n]|#[^\r\n]*)+/y
const boundsAt = /\{\s*(\d{1,10})\s*(,?)\s*(\d{0,10})\s*\}/y
/** An alternative may also begin a line of its own. */
const alternativeAt = /(?:[ \t\r\n]|#[^\r\n]*)*\|/y

class Parser {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  parse(): Map<string, Expression> {
    const rules = new Map<string, Expression>()
    this.#match(linesAt)
    while (this.#at < this.#source.length) {
      const name = this.#match(nameAt)?.[0]
      if (name === undefined) this.#fail('expected the name of a rule')
      if (rules.has(name)) this.#fail(`the rule "${name}" is there already`)
      this.#match(spaceAt)
      if (!this.#skip('::=')) this.#fail(`expected ::= after the name "${name}"`)
      this.#match(linesAt)
      rules.set(name, this.#alternatives(0))
      if (this.#at < this.#source.length && !/[\r\n]/.test(this.#source[this.#at]))
        this.#fail('expected the end of the line')
      this.#match(linesAt)
    }
    if (rules.size === 0) this.#fail('expected a rule')
    return rules
  }

  #alternatives(depth: number): Expression {
    if (depth > deepest) this.#fail(`groups are nested more than ${deepest} deep`)
    const options = [this.#sequence(depth)]
    while (this.#match(alternativeAt)) {
      this.#match(linesAt)
      options.push(this.#sequence(depth))
    }
    return choice(...options)
  }

  #sequence(depth: number): Expression {
    const parts: Expression[] = []
    for (;;) {
      this.#match(depth > 0 ? linesAt : spaceAt)
      const part = this.#atom(depth)
      if (part === undefined) break
      parts.push(this.#quantified(part, depth))
    }
    return parts.length === 0 ? nothing : sequence(...parts)
  }

  #atom(depth: number): Expression | undefined {
    if (this.#skip('"')) return this.#text()
    if (this.#skip('[')) return character(this.#class())
    if (this.#skip('.')) return character(anyCharacter)
    if (this.#skip('(')) {
      const inside = this.#alternatives(depth + 1)
      this.#match(linesAt)
      if (!this.#skip(')')) this.#fail('expected a )')
      return inside
    }
    if (this.#source[this.#at] === '<' || this.#source.startsWith('!<', this.#at))
      this.#fail('terminals that are tokens are not supported; say their text')
    const name = this.#match(nameAt)?.[0]
    return name === undefined ? undefined : rule(name)
  }

  #quantified(body: Expression, depth: number): Expression {
    let out = body
    for (;;) {
      const before = this.#at
      this.#match(depth > 0 ? linesAt : spaceAt)
      if (this.#skip('*')) out = repeat(out, 0, Number.POSITIVE_INFINITY)
      else if (this.#skip('+')) out = repeat(out, 1, Number.POSITIVE_INFINITY)
      else if (this.#skip('?')) out = repeat(out, 0, 1)
      else if (this.#source[this.#at] === '{') {
        const [whole, from, comma, to] = this.#match(boundsAt) ?? []
        if (whole === undefined || (comma === '' && to !== '')) this.#fail('expected {m}, {m,} or {m,n}')
        const max = comma === '' ? Number(from) : to === '' ? Number.POSITIVE_INFINITY : Number(to)
        if (max < Number(from)) this.#fail(`the repetition ${whole} ends before it begins`)
        out = repeat(out, Number(from), max)
      } else {
        this.#at = before
        return out
      }
    }
  }

  #text(): Expression {
    let found = ''
    while (!this.#skip('"')) found += this.#character('a text without its "')
    return text(found)
  }

  #class(): Ranges {
    const isOther = this.#skip('^')
    const parts: [number, number][] = []
    while (!this.#skip(']')) {
      const first = this.#character('a class without its ]').codePointAt(0)!
      let last = first
      if (this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']') {
        this.#at++
        last = this.#character('a class without its ]').codePointAt(0)!
        if (last < first) this.#fail('a range in a class ends before it begins')
      }
      parts.push([first, last])
    }
    const set = complement(complement(unionOf(parts)))
    return isOther ? complement(set) : set
  }

  /** The next character of a text or a class, which may be written as an escape. */
  #character(missing: string): string {
    const code = this.#source.codePointAt(this.#at)
    if (code === undefined || code === 10) this.#fail(missing)
    const found = String.fromCodePoint(code)
    this.#at += found.length
    if (found !== '\\') return found
    const kind = this.#source[this.#at++]
    const digits = { x: 2, u: 4, U: 8 }[kind]
    if (digits !== undefined) {
      const hex = this.#source.slice(this.#at, this.#at + digits)
      const value = /^[\da-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : -1
      if (value < 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        this.#fail(`the escape \\${kind}${hex} is no character`)
      this.#at += digits
      return String.fromCodePoint(value)
    }
    const controls: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
    if (kind in controls) return controls[kind]
    if (kind !== undefined && '"\\[]^-'.includes(kind)) return kind
    this.#fail(`the escape \\${kind ?? ''} is not known`)
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)
    if (found === null) return undefined
    this.#at = pattern.lastIndex
    return found
  }

  #skip(expected: string): boolean {
    if (!this.#source.startsWith(expected, this.#at)) return false
    this.#at += expected.length
    return true
  }

  #fail(what: string): never {
    const line = this.#source.slice(0, this.#at).split('\n').length
    throw new ConfigError(
      `GBNF: line ${line}: ${what}; it goes on with ${JSON.stringify(this.#source.slice(this.#at, this.#at + 20))}`,
    )
  }
}
