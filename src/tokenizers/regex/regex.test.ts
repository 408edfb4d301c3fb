import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../base/index.ts'
import { regex } from './regex.ts'
import type { Dialect } from './syntax.ts'

/** The text with every match in brackets. */
function marked(pattern: string, text: string, dialect?: Dialect): string {
  let result = ''
  let last = 0
  for (const { start, end } of regex(pattern, { dialect }).matches(text)) {
    result += `${text.slice(last, start)}[${text.slice(start, end)}]`
    last = end
  }
  return result + text.slice(last)
}

/** Each was tried in Hugging Face's tokenizers 0.23. */
const cases: readonly (readonly [pattern: string, text: string, marked: string])[] = [
  ['a|ab', 'ab', '[a]b'],
  ['a*', 'aabaa', '[aa]b[aa]'],
  ['b*', 'ab', '[]a[b]'],
  ['', 'ab', '[]a[]b[]'],
  ['(?=a)', 'aba', '[]ab[]a'],
  ['a{2}?', 'aaaaaaa', '[aa][aa][aa]a[]'],
  ['a{2,3}?', 'aaaaaaa', '[aa][aa][aa]a'],
  ['a{2}+', 'aaaaaaa', '[aaaaaa]a'],
  ['a{1,3}+', 'aaaaaaa', '[aaaaaaa]'],
  ['a{,2}', 'aaa', '[aa][a]'],
  ['a{x}{,}', 'a{x}{,}', '[a{x}{,}]'],
  ['a++a', 'aaaa', 'aaaa'],
  ['a?+a', 'a', 'a'],
  ['a+?+', 'aaa', '[aaa]'],
  ['(?>a+)a', 'aaa', 'aaa'],
  ['(?>ab|a)c', 'ac abc', '[ac] [abc]'],
  ['(a*)*b', 'aab', '[aab]'],
  ['(a|b)*?c', 'abc', '[abc]'],
  ['(?:ab?){2,3}c', 'aabc aaaac', '[aabc] a[aaac]'],
  ['(?:(?=a)|b)*a', 'ba', '[ba]'],
  ['^.', 'a\nb\r\nc', '[a]\n[b]\r\n[c]'],
  ['^', 'a\n', '[]a\n'],
  ['.$', 'a\nb\n', '[a]\n[b]\n'],
  ['.\\Z', 'a\nb\n', 'a\n[b]\n'],
  ['.\\z', 'a\nb', 'a\n[b]'],
  ['\\A.', 'a\nb', '[a]\nb'],
  ['.+', 'a\nb\r\u2028', '[a]\n[b\r\u2028]'],
  ['(?m).+', 'a\nb', '[a\nb]'],
  ['(?<=a|bc)d', 'adbcdd', 'a[d]bc[d]d'],
  ['(?<!a)d', 'add d', 'ad[d] [d]'],
  ['(?<=^|b)a', 'ba\na', 'b[a]\n[a]'],
  ['(?<=😀.)a', '😀éa', '😀é[a]'],
  ['(?!\\S)\\s', ' a ', '[ ]a[ ]'],
  ['(?<n>a)\\k<n>', 'aaa', '[aa]a'],
  ['(?i)(a)\\1', 'aA', '[aA]'],
  ['(?:(?=(a+))b?a\\1?)+', 'aaa', '[aaa]'],
  ['\\1(a)', 'aa', 'aa'],
  ['\\bé\\b', 'é aé', '[é] aé'],
  ['\\w', 'a²①Ⓐ_-', '[a][²]①[Ⓐ][_]-'],
  ['[\\w]', 'a²①Ⓐ_-', '[a]²①[Ⓐ][_]-'],
  ['\\s+', 'a \x85b\u200b\u3000\x1c\v', 'a[ \x85]b\u200b[\u3000]\x1c[\v]'],
  ['\\d+', '١٢3½', '[١٢3]½'],
  ['\\h+', 'afgF0', '[af]g[F0]'],
  ['\\R', 'a\r\nb\x85\u2028', 'a[\r\n]b[\x85][\u2028]'],
  ['\\R\\n', '\r\n', '\r\n'],
  ['\\p{^L}+', 'a12b', 'a[12]b'],
  ['\\P{^L}+', 'a12b', '[a]12[b]'],
  ['\\p{ uppercase_letter }', 'aB', 'a[B]'],
  ['\\pL', 'pLa', '[pL]a'],
  ['\\p{Han}+', '漢字か々', '[漢字]か[々]'],
  ['\\p{Alpha}+', 'aⅧः1', '[aⅧः]1'],
  ['\\p{punct}', '+!', '+[!]'],
  ['[[:punct:]]', '+!😀', '[+][!][😀]'],
  ['[[:^alpha:]]+', 'aé1', 'aé[1]'],
  ['[a-z&&[^aeiou]]+', 'abcdef', 'a[bcd]e[f]'],
  ['[a-z&&^aeiou]+', 'abce^', '[a]bc[e]^'],
  ['[^a-z&&[a-c]]+', 'abcd^', 'abc[d^]'],
  ['[a-c[x-z]]+', 'abcxyzdef', '[abcxyz]def'],
  ['[a&&]', 'a', 'a'],
  ['[]a]+', ']a]b', '[]a]]b'],
  ['[^]a]', 'a]b', 'a][b]'],
  ['[a-c-e]+', 'abc-ed', '[abc-e]d'],
  ['[-a]+[\\w-]+', '-a-é', '[-a-é]'],
  ['[!--]+', '-!.', '[-!].'],
  ['[\\b\\]\\x{63}]+', '\b]cb', '[\b]c]b'],
  ['(?i)s|k', 'ſKSk', '[ſ][K][S][k]'],
  ['(?i)[a-z]+', 'ſKABC', '[ſKABC]'],
  ['(?i)[^a]', 'Ab', 'A[b]'],
  ['(?i)[[^a]]', 'a', '[a]'],
  ['(?i)\\p{Lu}', 'aA', 'a[A]'],
  ['(?i)[\\p{Lu}]', 'aA', '[a][A]'],
  ['(?i)[a-z&&[A-C]]', 'aB', 'aB'],
  ['a(?i)b|c', 'aB aC C', '[aB] [aC] C'],
  ['(?i:a)b', 'AbAB', '[Ab]AB'],
  ['(?i)(?-i:a)B', 'aB AB', '[aB] AB'],
  ['(?x) a b # c\n c', 'abc', '[abc]'],
  ['(?x: \\ [ ] )b c', '  b c', '[  b c]'],
  ['a(?#b)c', 'ac', '[ac]'],
  ['\\e\\0\\a\\v\\f\\07\\x41\\u0042\\x{1F600}', '\x1b\0\x07\v\f\x07AB😀', '[\x1b\0\x07\v\f\x07AB😀]'],
  [']}', ']}', '[]}]'],
  ['[^a]', '😀', '[😀]'],
  ['.{2}', '😀é漢', '[😀é]漢'],
]

describe('the reading of Oniguruma', () => {
  it.each(cases)('%j in %j', (pattern, text, expected) => {
    expect(marked(pattern, text)).toBe(expected)
  })
})

describe('the reading of Rust', () => {
  it.each([
    ['\\p{N}{1,3}+1', '121', '121'],
    ['a{2}?', 'aaa', '[aa]a'],
    ['^a$', 'a\na', 'a\na'],
    ['(?m)^a$', 'a\na', '[a]\n[a]'],
    ['(?s)a.', 'a\n', '[a\n]'],
    ['a(?i)b|c', 'aB C', '[aB] [C]'],
    ['(a(?i)b)c', 'aBc aBC', '[aBc] aBC'],
    ['\\pL+', 'pé1', '[pé]1'],
    ['\\w+', 'a\u200d²', '[a\u200d]²'],
    ['[[:alpha:]]+', 'aé', '[a]é'],
    ['(?i)\\p{Lu}', 'aA', '[a][A]'],
    ['(?i)\\P{Lu}', 'aA1', 'aA[1]'],
    ['(?i)[[^a]]', 'aA', 'aA'],
    ['(?P<n>a)\\k<n>', 'aa', '[aa]'],
  ])('%j in %j', (pattern, text, expected) => {
    expect(marked(pattern, text, 'rust')).toBe(expected)
  })
})

describe('what is refused', () => {
  const refusals: readonly (readonly [pattern: string, message: string])[] = [
    ['a(b', 'a group that does not close: "(b" at index 1 of "a(b"'],
    ['a)', 'a parenthesis that closes nothing: ")" at index 1'],
    ['*a', 'nothing to repeat: "*" at index 0'],
    ['a|{2}', 'nothing to repeat: "{2}" at index 2'],
    ['a{3,1}', 'a maximum below the minimum: "{3,1}" at index 1'],
    ['a{200000}', 'more than 100000 repeats'],
    ['x[a', 'brackets that do not close: "[a" at index 1'],
    ['[]', 'empty brackets'],
    ['[z-a]', 'a range whose end comes before its start: "z-a" at index 1'],
    ['[a-\\d]', 'a range that ends in a set'],
    ['[\\d-a]', 'a range that begins with a set'],
    ['[[:nope:]]', 'an unknown POSIX class: "[:nope:]" at index 1'],
    ['é\\p{Nope}', 'an unknown property: "\\\\p{Nope}" at index 1'],
    ['\\q', 'an escape without a meaning here: "\\\\q" at index 0'],
    ['\\', 'a backslash at the end'],
    ['\\x{110000}', 'a code point beyond U+10FFFF'],
    ['(?~a)', 'an unknown kind of group'],
    ['(?u)a', 'an unknown kind of group'],
    ['\\Ka', 'an escape without a meaning here'],
    ['(a)\\2', 'a group that does not exist: "\\\\" at index 3'],
    ['(?<n>a)(?<n>b)', 'a name that two groups have'],
    ['(?<=a+)b', 'a look behind over more than 255 characters or without a bound'],
    ['('.repeat(200), 'groups nest deeper than 100'],
    ['['.repeat(200), 'brackets nest deeper than 50'],
    ['a'.repeat(40000), 'a pattern longer than 32768'],
    [`a${'*?'.repeat(20)}`, 'more than 8 repeats of repeats'],
    [String.fromCodePoint(...Array.from({ length: 2000 }, (_, i) => 0x4e00 + i)), 'more than 1024 different sets'],
  ]
  it.each(refusals.map(([pattern, message]) => [message, pattern]))('%s', (message, pattern) => {
    expect(() => regex(pattern)).toThrow(ConfigError)
    expect(() => regex(pattern)).toThrow(message)
    expect(() => regex(pattern)).toThrow('Supported are')
  })
})

describe('find', () => {
  it('looks behind the place where it begins', () => {
    expect(regex('(?<=a)b').find('ab', 1)).toEqual({ start: 1, end: 2 })
    expect(regex('\\Ab').find('ab', 1)).toBeUndefined()
    expect(regex('$').find('ab')).toEqual({ start: 2, end: 2 })
    expect(regex('a').find('ab', 1)).toBeUndefined()
  })

  it('takes a lone surrogate for a character that is nothing', () => {
    expect(marked('\\p{L}|\\P{L}', 'a\ud83db\ude00')).toBe('[a][\ud83d][b][\ude00]')
  })
})

describe('long texts', () => {
  const million = 1_000_000
  const count = (pattern: string, text: string) => Array.from(regex(pattern).matches(text)).length

  it('do not overflow', () => {
    expect(regex('(?:a|b)*c').find(`${'ab'.repeat(million / 2)}c`)).toEqual({ start: 0, end: million + 1 })
    expect(regex('(?:ab){2,}').find('ab'.repeat(million / 2))).toEqual({ start: 0, end: million })
    expect(regex('(?:a?b?){1,99999}?c').find(`${'ab'.repeat(50000)}c`)?.end).toBe(100001)
    expect(regex('.*?c').find(`${'a'.repeat(million)}c`)?.end).toBe(million + 1)
  })

  it('of spaces take one step for each', () => {
    const spaces = ' '.repeat(million)
    expect(count('\\s+(?!\\S)|\\s+', spaces)).toBe(1)
    expect(count('\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+', `${spaces}a`)).toBe(2)
    expect(count('\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+', ' \n'.repeat(million / 2))).toBe(1)
  })

  it('are given up where ways to match explode', () => {
    expect(() => regex('(a+)+b').find('a'.repeat(40))).toThrow(DataError)
    expect(() => regex('(a|a)*b').find('a'.repeat(40))).toThrow('regex "(a|a)*b": too many ways to match from index 0')
    expect(() => Array.from(regex('a*b|a').matches('a'.repeat(100_000)))).toThrow(DataError)
  })
})
