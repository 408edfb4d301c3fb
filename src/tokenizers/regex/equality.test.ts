import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../base/index.ts'
import { regex } from './regex.ts'

/** A pattern as we and as JavaScript spell it, and whether it can match nothing. */
interface Both {
  readonly ours: string
  readonly theirs: string
  readonly empty: boolean
}

const same = (text: string, empty = false): Both => ({ ours: text, theirs: text, empty })

const items = fc.constantFrom('a', 'b', 'A', 'k', 's', '1', ' ', 'é', '漢', '😀', 'a-c', 'é-漢', '\\d', '\\s', '\\S')
const properties = fc.constantFrom('\\p{L}', '\\P{L}', '\\p{Lu}', '\\p{N}', '\\p{Script=Han}')
const members = fc.array(fc.oneof({ arbitrary: items, weight: 3 }, properties), { minLength: 1, maxLength: 3 })

/** JavaScript wants a union around before it takes an intersection. */
const { set } = fc.letrec<{ set: string }>((tie) => ({
  set: fc
    .tuple(fc.constantFrom('', '^'), members, fc.option(tie('set'), { maxDepth: 2 }), fc.boolean())
    .map(([caret, list, inner, meets]) => {
      if (inner === null) return `[${caret}${list.join('')}]`
      return meets ? `[${caret}[${list.join('')}]&&${inner}]` : `[${caret}${list.join('')}${inner}]`
    }),
}))
const single = fc.oneof(
  fc
    .constantFrom('a', 'b', 'A', 'k', 's', '1', ' ', 'é', '漢', '😀', '\\n', '.', '\\s', '\\d')
    .map((text) => same(text)),
  properties.map((text) => same(text)),
  set.map((text) => same(text)),
)
const place = fc.constantFrom('^', '$').map((text) => same(text, true))
const repeat = fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}')

let groups = 0
const { choice } = fc.letrec<{ choice: Both; sequence: Both; part: Both; atom: Both }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { arbitrary: single, weight: 6 },
    { arbitrary: place, weight: 1 },
    tie('choice').map(({ ours, theirs, empty }) => ({ ours: `(?:${ours})`, theirs: `(?:${theirs})`, empty })),
    tie('choice').map(({ ours, theirs, empty }) => {
      // JavaScript looks ahead for an atomic group, and then takes what it saw.
      const name = `g${groups++}`
      return { ours: `(?>${ours})`, theirs: `(?:(?=(?<${name}>${theirs}))\\k<${name}>)`, empty }
    }),
    fc
      .tuple(fc.constantFrom('?=', '?!'), tie('choice'))
      .map(([look, { ours, theirs }]) => ({ ours: `(${look}${ours})`, theirs: `(${look}${theirs})`, empty: true })),
    fc
      .tuple(fc.constantFrom('?<=', '?<!'), fc.array(single, { minLength: 1, maxLength: 3 }))
      .map(([look, list]) => same(`(${look}${list.map(({ ours }) => ours).join('')})`, true)),
  ),
  part: fc.tuple(tie('atom'), fc.option(repeat), fc.constantFrom('', '', '?')).map(([atom, operator, lazy]) => {
    // What repeats of nothing do differs; so they are left out.
    if (operator === null || atom.empty) return atom
    const suffix = operator + lazy
    const empty = /^[*?]|0/.test(operator)
    return { ours: atom.ours + suffix, theirs: atom.theirs + suffix, empty }
  }),
  sequence: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((parts) => ({
    ours: parts.map(({ ours }) => ours).join(''),
    theirs: parts.map(({ theirs }) => theirs).join(''),
    empty: parts.every(({ empty }) => empty),
  })),
  choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((options) => ({
    ours: options.map(({ ours }) => ours).join('|'),
    theirs: options.map(({ theirs }) => theirs).join('|'),
    empty: options.some(({ empty }) => empty),
  })),
}))
const text = fc.string({ unit: fc.constantFrom(...'aabbAkKſsS11  éÉ漢😀\n'), maxLength: 16 })

describe('on the common ground with JavaScript', () => {
  it('finds the same', () => {
    fc.assert(
      // The flag for all: Node 26 (V8) finds A for (?i:[a])*[a].
      fc.property(choice, text, fc.boolean(), ({ ours, theirs }, where, ignoresCase) => {
        const mine = regex(ignoresCase ? `(?i)${ours}` : ours, { dialect: 'rust' })
        const other = new RegExp(theirs, ignoresCase ? 'giv' : 'gv')
        for (let from = 0; from <= where.length; from += (where.codePointAt(from) ?? 0) > 0xffff ? 2 : 1) {
          other.lastIndex = from
          const match = other.exec(where)
          // V8 also finds nothing between the halves of a pair, where no character ends.
          if (match !== null && /[\ud800-\udbff]/.test(where[match.index - 1])) continue
          const expected = match === null ? undefined : { start: match.index, end: match.index + match[0].length }
          expect(mine.find(where, from)).toEqual(expected)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('any pattern', () => {
  const syntax = fc.constantFrom(
    ...['(', ')', '[', ']', '{', '}', '?', '*', '+', '|', '\\', '^', '$', '-', '&&', ':', '<', '>', '=', '!', ',', '1'],
    ...['(?', '(?<n>', '(?i', '[[:alpha:]', '\\p{', '\\k<n>', '\\x', '\\u', '{1,3}', 'a', 'L', '😀', '\ud800', '\n'],
  )
  it.each(['oniguruma', 'rust'] as const)('compiles or is refused (%s)', (dialect) => {
    fc.assert(
      fc.property(fc.string({ unit: syntax, maxLength: 30 }), text, (pattern, where) => {
        try {
          Array.from(regex(pattern, { dialect }).matches(where))
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
