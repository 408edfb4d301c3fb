import { ConfigError } from '../base/index.ts'
import { digits, lineEnds, property, spaces, wordCharacters } from './character-sets.ts'
import {
  character,
  choice,
  type Expression,
  type Grammar,
  nothing,
  repeat,
  sequence,
  star,
  text,
} from './expression.ts'
import { anyCharacter, charactersOf, complement, type Ranges, unionOf } from './ranges.ts'

const longest = 100_000
const deepest = 200
/** How many ranges of characters all classes of a pattern may have together. */
const mostRanges = 300_000

/**
 * The grammar of the texts that a regular expression matches from beginning to end.
 *
 * The syntax is JavaScript's with the flags `u` and, for properties, Unicode 16: characters, escapes, classes, `.`, `\d \w \s
 * \p{…}` (general categories), groups, alternatives, quantifiers; lazy ones match the same texts as others. `^` at the
 * beginning and `$` at the end are implied.
 *
 * @throws ConfigError for what is no such expression, for look-around, back references and word boundaries, and for a pattern
 *   of more than 100,000 characters
 *
 * @example
 * const constraint = grammarConstraint(regexGrammar('[1-9]\\d{3}'), byteTokenizer())()
 * for (const id of byteTokenizer().encode('2026')) constraint.accept(id)
 * constraint.mustEnd // true
 */
export function regexGrammar(pattern: string): Grammar {
  return { root: 'root', rules: new Map([['root', parseRegex(pattern, 'whole')]]) }
}

/**
 * @param match whether the expression is for the `whole` text, or for some `part` of it unless it has anchors
 * @throws ConfigError as {@link regexGrammar}
 */
export function parseRegex(pattern: string, match: 'whole' | 'part'): Expression {
  if (pattern.length > longest) {
    throw new ConfigError(`regex: the pattern has ${pattern.length} characters, the most is ${longest}`)
  }
  return new Parser(pattern, match).parse()
}

const anything = star(character(anyCharacter))

class Parser {
  readonly #pattern: string
  readonly #isPart: boolean
  /** The pattern's characters: pairs of surrogates are one. */
  readonly #characters: readonly string[]
  #at = 0
  #ranges = 0

  constructor(pattern: string, match: 'whole' | 'part') {
    this.#pattern = pattern
    this.#isPart = match === 'part'
    this.#characters = Array.from(pattern.toWellFormed())
  }

  parse(): Expression {
    const options: Expression[] = []
    do options.push(this.#branch())
    while (this.#skip('|'))
    if (this.#at < this.#characters.length) this.#fail('a ) that closes nothing')
    return choice(...options)
  }

  /** An alternative of the whole pattern, where anchors may stand. */
  #branch(): Expression {
    const isBegun = this.#skip('^')
    const middle = this.#sequence(0)
    const isEnded = this.#skip('$')
    if (isEnded && this.#at < this.#characters.length && this.#peek() !== '|') this.#fail('a $ that is not at the end')
    if (!this.#isPart) return middle
    return sequence(...(isBegun ? [] : [anything]), middle, ...(isEnded ? [] : [anything]))
  }

  #alternatives(depth: number): Expression {
    if (depth > deepest) this.#fail(`groups nested more than ${deepest} deep`)
    const options: Expression[] = []
    do options.push(this.#sequence(depth))
    while (this.#skip('|'))
    return choice(...options)
  }

  #sequence(depth: number): Expression {
    const parts: Expression[] = []
    /** Characters that stand for themselves, one after the other. */
    let letters = ''
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      if (next === '$' && depth === 0) break
      const part = this.#quantified(this.#atom(depth))
      if (part.kind === 'text') {
        letters += part.text
        continue
      }
      if (letters !== '') parts.push(text(letters))
      letters = ''
      parts.push(part)
    }
    if (letters !== '') parts.push(text(letters))
    return parts.length === 0 ? nothing : sequence(...parts)
  }

  #atom(depth: number): Expression {
    const next = this.#take()
    if (next === '(') return this.#group(depth)
    if (next === '[') return character(this.#class())
    if (next === '.') return character(complement(lineEnds))
    if (next === '\\') return character(this.#escape(false))
    if (next === '*' || next === '+' || next === '?') this.#fail(`a ${next} with nothing before it`)
    if (next === '^' || next === '$') this.#fail(`a ${next} inside the pattern; the anchors stand at its ends`)
    return text(next)
  }

  #group(depth: number): Expression {
    if (this.#skip('?')) {
      const kind = this.#take()
      if (kind === '<' && this.#peek() !== '=' && this.#peek() !== '!') {
        while (this.#take() !== '>') if (this.#peek() === undefined) this.#fail('a name of a group without its >')
      } else if (kind !== ':') {
        const isAround = kind === '=' || kind === '!' || kind === '<'
        this.#fail(
          isAround
            ? 'look-around, which no automaton can follow as text is written; say what is allowed by alternatives'
            : `a group that begins with (?${kind}`,
        )
      }
    }
    const inside = this.#alternatives(depth + 1)
    if (!this.#skip(')')) this.#fail('a group without its )')
    return inside
  }

  #quantified(body: Expression): Expression {
    const next = this.#peek()
    let [min, max] = [1, 1]
    if (next === '*') [min, max] = [0, Number.POSITIVE_INFINITY]
    else if (next === '+') [min, max] = [1, Number.POSITIVE_INFINITY]
    else if (next === '?') [min, max] = [0, 1]
    else if (next === '{') {
      const [whole, from, comma, to] =
        /^\{(\d{1,10})(,?)(\d{0,10})\}/.exec(this.#characters.slice(this.#at, this.#at + 24).join('')) ?? []
      if (whole === undefined || (comma === '' && to !== '')) return body
      min = Number(from)
      max = comma === '' ? min : to === '' ? Number.POSITIVE_INFINITY : Number(to)
      if (max < min) this.#fail(`the quantifier ${whole}, which ends before it begins`)
      this.#at += whole.length - 1
    } else return body
    this.#at++
    this.#skip('?')
    if (['*', '+', '?'].includes(this.#peek() ?? '')) this.#fail('a quantifier of a quantifier')
    return repeat(body, min, max)
  }

  #class(): Ranges {
    const isOther = this.#skip('^')
    const parts: (readonly [number, number])[] = []
    while (!this.#skip(']')) {
      const first = this.#member()
      if (this.#peek() === '-' && this.#characters[this.#at + 1] !== ']' && this.#at + 1 < this.#characters.length) {
        this.#at++
        const last = this.#member()
        const [from, to] = [codeOf(first), codeOf(last)]
        if (from === undefined || to === undefined) this.#fail('a range in a class between sets of characters')
        if (from > to) this.#fail('a range in a class that ends before it begins')
        parts.push([from, to])
      } else parts.push(...first)
    }
    this.#ranges += parts.length
    if (this.#ranges > mostRanges) this.#fail('classes of too many characters; use \\p{…} without a class, or fewer')
    const set = complement(complement(unionOf(parts)))
    return isOther ? complement(set) : set
  }

  #member(): Ranges {
    if (this.#peek() === undefined) this.#fail('a class without its ]')
    const next = this.#take()
    return next === '\\' ? this.#escape(true) : charactersOf(next)
  }

  /** What follows a backslash. */
  #escape(isInClass: boolean): Ranges {
    if (this.#peek() === undefined) this.#fail('a backslash at the end')
    const kind = this.#take()
    const sets: Record<string, Ranges> = { d: digits, w: wordCharacters, s: spaces }
    if (kind in sets) return sets[kind]
    if (kind.toLowerCase() in sets) return complement(sets[kind.toLowerCase()])
    const controls: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }
    if (kind in controls) return charactersOf(controls[kind])
    if (kind === 'p' || kind === 'P') {
      const set = property(this.#braced('a name of a property, as in \\p{L}'))
      return kind === 'p' ? set : complement(set)
    }
    if (kind === 'x') return this.#code(this.#hex(2))
    if (kind === 'u') {
      if (this.#peek() === '{') return this.#code(Number.parseInt(this.#braced('a code point'), 16))
      const high = this.#hex(4)
      if (high < 0xd800 || high > 0xdbff || this.#peek() !== '\\') return this.#code(high)
      this.#at += 2
      return this.#code(0x10000 + (high - 0xd800) * 0x400 + this.#hex(4) - 0xdc00)
    }
    if (kind === 'b' && isInClass) return charactersOf('\b')
    if (kind === 'b' || kind === 'B') this.#fail(`\\${kind}: word boundaries are not supported`)
    if (kind === '0' && !/\d/.test(this.#peek() ?? '')) return charactersOf('\0')
    if (/[0-9]/.test(kind) || kind === 'k') this.#fail('a back reference, which no automaton can follow')
    if (/[a-zA-Z]/.test(kind)) this.#fail(`the unknown escape \\${kind}`)
    return charactersOf(kind)
  }

  #code(code: number): Ranges {
    if (!(code >= 0 && code <= 0x10ffff)) this.#fail('an escape that is no code point')
    if (code >= 0xd800 && code <= 0xdfff) this.#fail('an escape of half a pair of surrogates')
    return [[code, code]]
  }

  #hex(length: number): number {
    const found = this.#characters.slice(this.#at, this.#at + length).join('')
    if (!/^[\da-fA-F]+$/.test(found) || found.length !== length) this.#fail(`an escape without its ${length} digits`)
    this.#at += length
    return Number.parseInt(found, 16)
  }

  #braced(what: string): string {
    const end = this.#characters.indexOf('}', this.#at)
    if (!this.#skip('{') || end < 0 || end > this.#at + 100) this.#fail(`an escape that expects {…} with ${what}`)
    const inside = this.#characters.slice(this.#at, end).join('')
    this.#at = end + 1
    return inside
  }

  #peek(): string | undefined {
    return this.#characters[this.#at]
  }

  #take(): string {
    if (this.#at >= this.#characters.length) this.#fail('an end in the middle')
    return this.#characters[this.#at++]
  }

  #skip(expected: string): boolean {
    if (this.#characters[this.#at] !== expected) return false
    this.#at++
    return true
  }

  #fail(what: string): never {
    const near = this.#pattern.length <= 80 ? `/${this.#pattern}/` : `a pattern of ${this.#pattern.length} characters`
    throw new ConfigError(`regex: ${near} has, at character ${this.#at}, ${what}`)
  }
}

/** The code point of a set of one. */
function codeOf(set: Ranges): number | undefined {
  return set.length === 1 && set[0][0] === set[0][1] ? set[0][0] : undefined
}
