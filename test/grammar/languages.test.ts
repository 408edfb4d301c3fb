import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/index.ts'
import type { Expression, Grammar } from '../../src/grammar/expression.ts'
import { grammarConstraint } from '../../src/grammar/index.ts'
import { byteFallback, byteLevel, wordPieces } from './tokenizers.ts'
import { idsIn } from './walks.ts'

// Languages of a few hundred texts, written out; a token is allowed when one of them begins so. This knows nothing of states.

const characters = ['a', 'b', 'ә', '😀', ' ']
const mostTexts = 400

/** A random expression without endless repetitions; rules are those with greater numbers. */
function randomExpression(integer: (limit: number) => number, depth: number, rules: number, first: number): Expression {
  const kind = depth === 0 ? integer(2) : integer(6)
  const inside = () => randomExpression(integer, depth - 1, rules, first)
  if (kind === 0)
    return { kind: 'text', text: Array.from({ length: integer(4) }, () => characters[integer(5)]).join('') }
  if (kind === 1) {
    const codes = [...new Set(Array.from({ length: 1 + integer(3) }, () => characters[integer(5)].codePointAt(0)!))]
    return { kind: 'character', set: codes.sort((a, b) => a - b).flatMap((code) => [[code, code] as const]) }
  }
  if (kind === 2) return { kind: 'sequence', parts: Array.from({ length: 1 + integer(3) }, inside) }
  if (kind === 3) return { kind: 'choice', options: Array.from({ length: 1 + integer(3) }, inside) }
  if (kind === 4) {
    const min = integer(3)
    return { kind: 'repeat', body: inside(), min, max: min + integer(3) }
  }
  return first >= rules ? inside() : { kind: 'rule', name: `r${first + integer(rules - first)}` }
}

/** All texts of an expression, or undefined when they are too many. */
function textsOf(expression: Expression, grammar: Grammar): Set<string> | undefined {
  const joined = (a: Set<string> | undefined, b: Set<string> | undefined) => {
    if (a === undefined || b === undefined || a.size * b.size > 50_000) return undefined
    const out = new Set<string>()
    for (const x of a) for (const y of b) out.add(x + y)
    return out.size > mostTexts ? undefined : out
  }
  if (expression.kind === 'text') return new Set([expression.text])
  if (expression.kind === 'character') return new Set(expression.set.map(([code]) => String.fromCodePoint(code)))
  if (expression.kind === 'rule') return textsOf(grammar.rules.get(expression.name)!, grammar)
  if (expression.kind === 'choice') {
    const out = new Set<string>()
    for (const option of expression.options) {
      const texts = textsOf(option, grammar)
      if (texts === undefined) return undefined
      for (const text of texts) out.add(text)
    }
    return out
  }
  if (expression.kind === 'sequence') {
    let out: Set<string> | undefined = new Set([''])
    for (const part of expression.parts) out = joined(out, textsOf(part, grammar))
    return out
  }
  const body = textsOf(expression.body, grammar)
  const out: Set<string> | undefined = new Set()
  let rounds: Set<string> | undefined = new Set([''])
  for (let n = 0; n <= expression.max; n++) {
    if (rounds === undefined || out === undefined) return undefined
    if (n >= expression.min) for (const text of rounds) out.add(text)
    rounds = joined(rounds, body)
  }
  return out
}

function* randomLanguages(seed: number): Generator<{ grammar: Grammar; texts: Set<string> }> {
  const rng = random(seed)
  for (;;) {
    const count = 1 + rng.integer(4)
    const rules = new Map<string, Expression>()
    for (let i = 0; i < count; i++) {
      rules.set(
        `r${i}`,
        randomExpression((limit) => rng.integer(limit), 3, count, i + 1),
      )
    }
    const grammar = { root: 'r0', rules }
    const texts = textsOf(rules.get('r0')!, grammar)
    if (texts !== undefined && texts.size > 0) yield { grammar, texts }
  }
}

const latin = (bytes: Uint8Array) => String.fromCharCode(...bytes)
const utf8 = new TextEncoder()

const half = utf8.encode('ә')
const emoji = utf8.encode('😀')
const pieces = ['aa', 'ab', 'ba', 'aә', 'әb', ' a', 'b ', '😀😀', 'aab', ' ', '  ', 'a', 'b', 'ә']
const vocabularies = {
  'byte-level': byteLevel(
    [
      ...pieces,
      half.slice(0, 1),
      Uint8Array.of(...half.slice(1), 0x61),
      emoji.slice(0, 3),
      emoji.slice(2),
      Uint8Array.of(0x62, emoji[0], emoji[1]),
    ],
    ['</s>'],
  ),
  'byte fallback': byteFallback(pieces.map((piece) => piece.replaceAll(' ', '▁'))),
}

describe('masks against all texts of a language', () => {
  it.each(Object.entries(vocabularies))('%s', (_, tokenizer) => {
    const rng = random(7)
    const end = tokenizer.specials.get('</s>')!
    let checked = 0
    for (const { grammar, texts } of randomLanguages(3)) {
      if (++checked > 250) break
      const begin = grammarConstraint(grammar, tokenizer)
      const all = [...texts].map((text) => latin(utf8.encode(text)))
      const whole = new Set(all)
      const beginnings = new Set(
        all.flatMap((text) => Array.from({ length: text.length + 1 }, (_, i) => text.slice(0, i))),
      )
      for (let walk = 0; walk < 4; walk++) {
        const constraint = begin()
        let before = ''
        for (let step = 0; step < 30; step++) {
          const expected: number[] = []
          for (let id = 0; id < tokenizer.vocabSize; id++) {
            if (
              id === end
                ? whole.has(before)
                : beginnings.has(before + spelled(tokenizer, id, step === 0)) &&
                  spelled(tokenizer, id, step === 0) !== ''
            )
              expected.push(id)
          }
          expect(idsIn(constraint.allowed())).toEqual(expected)
          expect(constraint.mayEnd).toBe(whole.has(before))
          expect(constraint.mustEnd).toBe(expected.every((id) => id === end))
          const ids = expected.filter((id) => id !== end)
          if (ids.length === 0) break
          const id = ids[rng.integer(ids.length)]
          constraint.accept(id)
          before += spelled(tokenizer, id, step === 0)
        }
      }
    }
  })

  /** What a token adds, from what decoding says: behind another token, or at the beginning. */
  function spelled(tokenizer: (typeof vocabularies)['byte-level'], id: number, isFirst: boolean): string {
    const token = tokenizer.tokenOf(id)!
    if (token === '<unk>' || tokenizer.specials.has(token)) return ''
    const bytes = latin(tokenizer.bytesOf(id))
    const drops = isFirst && !tokenizer.parts.decoder!.bytesOf
    return drops && bytes.startsWith(' ') ? bytes.slice(1) : bytes
  }

  it('word pieces, which cannot spell everything', () => {
    const tokenizer = wordPieces(['a', 'b', '##a', '##ab', 'ә', '##әb', 'ab', '##😀'])
    const rng = random(9)
    let spellable = 0
    let checked = 0
    for (const { grammar, texts } of randomLanguages(5)) {
      if (++checked > 400) break
      /** What tokens can be written before, by what is written already: those that reach a text. */
      const reaching = (before: string): number[] => {
        const found: number[] = []
        for (let id = 2; id < tokenizer.vocabSize; id++) if (isAlive(before + added(id, before))) found.push(id)
        return found
      }
      const added = (id: number, before: string) => {
        const token = tokenizer.tokenOf(id)!
        return token.startsWith('##') ? (before === '' ? token : token.slice(2)) : before === '' ? token : ` ${token}`
      }
      const alive = new Map<string, boolean>()
      const isAlive = (text: string): boolean => {
        let known = alive.get(text)
        if (known === undefined) {
          known = [...texts].some((each) => each.startsWith(text)) && (texts.has(text) || reaching(text).length > 0)
          alive.set(text, known)
        }
        return known
      }
      if (!texts.has('') && reaching('').length === 0) {
        expect(() => grammarConstraint(grammar, tokenizer)).toThrow(/can spell no text/)
        continue
      }
      spellable++
      const constraint = grammarConstraint(grammar, tokenizer)()
      for (let before = ''; ; ) {
        const ids = reaching(before)
        const ends = texts.has(before) ? [1] : []
        expect(idsIn(constraint.allowed())).toEqual([...ends, ...ids])
        if (ids.length === 0) break
        const id = ids[rng.integer(ids.length)]
        constraint.accept(id)
        before += added(id, before)
      }
    }
    expect(spellable).toBeGreaterThan(20)
  })
})
