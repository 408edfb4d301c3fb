import { describe, expect, it } from 'vitest'
import { byteLevel } from '../../test/grammar/tokenizers.ts'
import { accepted, idsIn, randomWalk } from '../../test/grammar/walks.ts'
import { random } from '../base/index.ts'
import { byteTokenizer, trainBpe } from '../tokenizers/index.ts'
import { grammarConstraint } from './constraint.ts'
import { regexGrammar } from './regex.ts'

const bytes = byteTokenizer()
const takes = (pattern: string, text: string) => {
  const constraint = grammarConstraint(regexGrammar(pattern), bytes)()
  for (const byte of new TextEncoder().encode(text)) {
    if (((constraint.allowed()[byte >> 5] >>> (byte & 31)) & 1) === 0) return false
    constraint.accept(byte)
  }
  return constraint.mayEnd
}

describe('regular expressions', () => {
  const patterns = [
    'abc|abd?|',
    '[a-c]{2,3}x*',
    '(?:ab|a)(?:bc|c)',
    '(?<year>\\d{4})-\\d\\d',
    '[^a-z\\s]+',
    '\\w+@\\w+\\.(com|kz)',
    '(a?){3}b',
    '(a*)*b',
    '(a|aa){2,4}',
    '((a{1,2}){1,2}b?){2}',
    'қ.{0,2}😀',
    '[а-яәі]+',
    '\\p{Lu}\\p{Ll}*',
    '\\P{L}',
    '[\\p{N}_-]{1,3}',
    '\\u049b\\x41\\u{1F600}\\ud83d\\ude00',
    '[\\]\\\\^-]',
    'a+?b*?',
    '^start$',
    '\\$\\.\\{\\}\\/',
    '[]|x',
    '[^]',
    '\\S\\s\\D\\d\\W\\w',
    '{"a":\\d+}',
  ]
  const texts = [
    '',
    'a',
    'b',
    'ab',
    'abc',
    'abd',
    'aa',
    'aaa',
    'aaaa',
    'aaaaaaaaa',
    'acb',
    'aaxx',
    'abb',
    '2026-07',
    'x',
    'қ😀',
    'қaә😀',
    'қ\n😀',
    'Қазақ',
    'қала',
    '123',
    '_-1',
    'қA😀😀',
    '^',
    ']',
    'start',
    '$.{}/',
    '\n',
    '  ',
    'a b',
    'me@x.kz',
    'A B',
    '{"a":12}',
    'a a1 b',
    'ABC',
    'аәі',
    '٣',
  ]

  it.each(patterns)('%s matches what JavaScript matches', (pattern) => {
    // Of what JavaScript takes with the flag u; braces that quantify nothing it takes without.
    const reference = new RegExp(`^(?:${pattern})$`, pattern.startsWith('{') ? '' : 'u')
    for (const text of texts) expect([text, takes(pattern, text)]).toEqual([text, reference.test(text)])
  })

  it('allow only what JavaScript then matches, with tokens of several bytes', () => {
    const tokenizer = trainBpe(['қала Алматы 2026-07 aaa abab 😀😀 '.repeat(20)], { vocabSize: 330 })
    const rng = random(4)
    for (const pattern of patterns.filter((each) => !each.includes('[^') && !each.startsWith('{'))) {
      const begin = grammarConstraint(regexGrammar(pattern), tokenizer)
      for (let i = 0; i < 10; i++) {
        const text = tokenizer.decode(randomWalk(begin(), () => rng.next()))
        expect([pattern, text, new RegExp(`^(?:${pattern})$`, 'u').test(text)]).toEqual([pattern, text, true])
      }
    }
  })

  it.each([
    ['a(?=b)', /look-around/],
    ['(?<!a)b', /look-around/],
    ['(a)\\1', /back reference/],
    ['(?<n>a)\\k<n>', /back reference/],
    ['\\bword', /word boundaries/],
    ['a^b', /a \^ inside/],
    ['a$b', /\$ that is not at the end/],
    ['(a', /without its \)/],
    ['a)', /closes nothing/],
    ['[a', /without its \]/],
    ['[z-a]', /ends before it begins/],
    ['a{3,2}', /ends before it begins/],
    ['*a', /nothing before it/],
    ['a**', /quantifier of a quantifier/],
    ['\\p{Nothing}', /no \\p\{Nothing\}/],
    ['\\ud83d', /half a pair/],
    ['\\', /backslash at the end/],
    ['[]', /no text follows/],
    ['a{9999999999}', /the most is 2\^30/],
  ])('%s is refused', (pattern, message) => {
    expect(() => grammarConstraint(regexGrammar(pattern), bytes)).toThrow(message)
  })
})

describe('hostile patterns end within a second', () => {
  /** The error, if there was one; neither preparing nor any step may take a second. */
  const within = (pattern: string, text: string) => {
    let start = performance.now()
    const isSoon = () => {
      expect(performance.now() - start).toBeLessThan(1000)
      start = performance.now()
    }
    try {
      const constraint = grammarConstraint(regexGrammar(pattern), bytes)()
      isSoon()
      for (const byte of new TextEncoder().encode(text)) {
        constraint.allowed()
        constraint.accept(byte)
        isSoon()
      }
    } catch (error) {
      isSoon()
      return String(error)
    }
    return ''
  }
  const a = 'a'.repeat(200)

  it('in size', () => {
    expect(within('a'.repeat(1_000_000), a)).toMatch(/the most is 100000/)
    expect(within('('.repeat(50_000), a)).toMatch(/nested more than/)
    expect(within('a'.repeat(99_000), a)).toBe('')
    expect(within('a|'.repeat(40_000), '')).toBe('')
    expect(within('\\p{L}'.repeat(19_000), a)).toBe('')
    expect(within('[\\p{L}_]'.repeat(12_000), a)).toMatch(/too many characters/)
    expect(within('[a-z]{1,100000}', a)).toBe('')
    expect(within('((a{1000}){1000}){1000}', a)).toBe('')
  })

  it('in ways to read them', () => {
    expect(within('(a+)+b', a)).toBe('')
    expect(within('(a|a|aa)*b', a)).toBe('')
    expect(within('(a*)*(a*)*(a|b|ab)*c', a)).toBe('')
    expect(within(`${'a?'.repeat(200)}${'a'.repeat(200)}`, a)).toBe('')
    expect(within('(a|aa){1,100000}', a)).toBe('')
    expect(within('(a?){1,100000}', a)).toBe('')
    expect(within('(((a{1,100}){1,100}){1,100}){1,100}', a)).toMatch(/^$|too many ways/)
    expect(within('((a?){1,1000}){1,1000}', a)).toMatch(/^$|too many ways/)
  })
})

it('masks of classes are what is accepted', () => {
  const tokenizer = trainBpe(['қала Алматы 2026-07 aaa abab 😀😀 '.repeat(20)], { vocabSize: 330 })
  const constraint = grammarConstraint(regexGrammar('(\\p{Lu}\\p{Ll}+ ?){2,5}😀*'), tokenizer)()
  for (const id of tokenizer.encode('Алматы Қала 😀')) {
    expect(idsIn(constraint.allowed())).toEqual(accepted(constraint, tokenizer.vocabSize))
    if (idsIn(constraint.allowed()).includes(id)) constraint.accept(id)
  }
})

describe('counts of characters, with tokens longer than what counts are told apart for', () => {
  const tokens = [1, 2, 3, 7, 9, 12, 20, 31, 40].flatMap((n) => ['a'.repeat(n), `${'a'.repeat(n)}b`, 'қ'.repeat(n)])
  const tokenizer = byteLevel(tokens)

  it.each([
    'a{30,60}',
    '(a{3}){5,20}b',
    '[aқ]{0,25}b?',
    '(a{2,3}b?){10,}',
    'a{100}',
    '((a|қ){20,30}b){2}',
    '(ab?){15,40}a{0,12}',
  ])('%s', (pattern) => {
    const rng = random(2)
    const begin = grammarConstraint(regexGrammar(pattern), tokenizer)
    const whole = new RegExp(`^(?:${pattern})$`, 'u')
    for (let i = 0; i < 12; i++) {
      const constraint = begin()
      let text = ''
      for (let step = 0; step < 120 && !constraint.mustEnd; step++) {
        const ids = idsIn(constraint.allowed())
        expect(ids).toEqual(accepted(constraint, tokenizer.vocabSize))
        // Short ones often, so that all counts are passed.
        const id = ids[rng.integer(rng.integer(2) === 0 ? Math.min(3, ids.length) : ids.length)]
        constraint.accept(id)
        text += String.fromCharCode(...tokenizer.bytesOf(id))
      }
      const decoded = new TextDecoder().decode(Uint8Array.from(text, (each) => each.charCodeAt(0)))
      if (constraint.mayEnd) expect([decoded, whole.test(decoded)]).toEqual([decoded, true])
    }
  })
})
