import { describe, expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { byteTokenizer } from '../tokenizers/index.ts'
import { grammarConstraint } from './constraint.ts'
import { parseGbnf } from './gbnf.ts'

const takes = (grammar: string, text: string, root?: string) => {
  const constraint = grammarConstraint(parseGbnf(grammar, root), byteTokenizer())()
  try {
    for (const byte of new TextEncoder().encode(text)) constraint.accept(byte)
  } catch {
    return false
  }
  return constraint.mayEnd
}

describe('GBNF', () => {
  const arithmetic = `
    # sums of products
    root  ::= (expr "=" ws term "\\n")+
    expr  ::= term ([-+*/] term)*
    term  ::= ident | num | "(" ws expr ")" ws  # in brackets too
    ident ::= [a-z] [a-z0-9_]* ws
    num   ::= [0-9]+ ws
    ws    ::= [ \\t\\n]*`

  it('reads rules, classes, groups, repetitions, comments', () => {
    expect(takes(arithmetic, '(a +1)*b2= 12\nx=y\n')).toBe(true)
    expect(takes(arithmetic, '(a +1 = 12\n')).toBe(false)
    expect(takes('root ::= "a"{2,3} b? c{2} d{1,}\nb ::= "b"\nc ::= "c"\nd ::= [^a-c\\n]', 'aabccxy')).toBe(true)
    expect(takes('root ::= "a"{2,3}', 'aaaa')).toBe(false)
  })

  it('lets rules go on over lines in groups and behind bars', () => {
    expect(takes('root ::= (\n  "a" # one\n  | "b"\n)\n', 'b')).toBe(true)
    expect(takes('root ::= "a" |\n  "b"', 'b')).toBe(true)
    expect(takes('root ::= "a"\n  | "b"', 'b')).toBe(true)
  })

  it('takes escapes and any characters', () => {
    expect(takes('root ::= "\\x41\\u049b\\U0001F600\\"\\\\" . [\\]\\-]', 'Aқ😀"\\😀-')).toBe(true)
    expect(takes('root ::= [а-яә]+', 'әлем')).toBe(true)
  })

  it('may begin at any rule', () => {
    expect(takes('root ::= "a"\nother-1 ::= "b"', 'b', 'other-1')).toBe(true)
  })

  it('nests without end', () => {
    const nested = 'root ::= "(" root* ")"'
    expect(takes(nested, `${'('.repeat(5000)}${')'.repeat(5000)}`)).toBe(true)
    expect(takes(nested, `${'('.repeat(500)}${')'.repeat(499)}`)).toBe(false)
  })

  it.each([
    ['root ::= root "a" | "a"', /begins with itself.*root → root/],
    ['root ::= a "x" | "y"\na ::= "b"? root', /left recursion/],
    ['root ::= x', /names a rule "x" that is not there/],
    ['root ::= "a" root', /no text follows/],
    ['a ::= "b"', /no rule "root"/],
    ['root = "b"', /line 1: expected ::=/],
    ['root ::= "b', /line 1: a text without its "/],
    ['root ::= "b"\n\nroot ::= "c"', /line 3: the rule "root" is there already/],
    ['root ::= ("a"', /expected a \)/],
    ['root ::= <[12]>', /tokens are not supported/],
    ['root ::= "a"{3,2}', /ends before it begins/],
    ['root ::= "\\q"', /escape \\q is not known/],
    ['', /expected a rule/],
  ])('%s is refused', (grammar, message) => {
    expect(() => grammarConstraint(parseGbnf(grammar), byteTokenizer())).toThrow(message)
  })

  it('refuses noise within a second, by errors of its own', () => {
    const rng = random(8)
    const parts = ['root', '::=', '"a"', '[a-z]', '(', ')', '|', '*', '{2}', '\n', ' ', '#', '\\', '"', ']', 'x']
    const start = performance.now()
    for (let i = 0; i < 2000; i++) {
      const noise = Array.from({ length: rng.integer(12) }, () => parts[rng.integer(parts.length)]).join('')
      try {
        grammarConstraint(parseGbnf(`root ::= "a"${noise}`), byteTokenizer())().allowed()
      } catch (error) {
        expect((error as Error).name).toBe('ConfigError')
      }
    }
    const chain = Array.from({ length: 20_000 }, (_, i) => `r${i} ::= r${i + 1} "x"?`).join('\n')
    expect(() => grammarConstraint(parseGbnf(`root ::= r0\n${chain}\nr20000 ::= "a"`), byteTokenizer())).toThrow(
      /too many ways/,
    )
    expect(() => parseGbnf(`root ::= ${'('.repeat(100_000)}`)).toThrow(/nested more than/)
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
