import { describe, expect, it } from 'vitest'
import { byteFallback, byteLevel, wordPieces } from '../../test/grammar/tokenizers.ts'
import { accepted, idsIn, randomWalk } from '../../test/grammar/walks.ts'
import { random } from '../base/index.ts'
import { world } from '../data/index.ts'
import type { TokenConstraint } from '../infer/index.ts'
import { byteTokenizer, trainBpe } from '../tokenizers/index.ts'
import { trainSentencePieceBpe } from '../tokenizers/trainers/index.ts'
import { grammarConstraint } from './constraint.ts'
import { parseGbnf } from './gbnf.ts'
import { jsonGrammar } from './json.ts'
import { jsonSchemaGrammar } from './json-schema.ts'
import { regexGrammar } from './regex.ts'

describe('a constraint', () => {
  const tokenizer = byteTokenizer({ specials: ['<|endoftext|>', '<|user|>'] })

  it('is what inference asks for', () => {
    const begin: () => TokenConstraint = grammarConstraint(regexGrammar('a'), tokenizer)
    expect(begin().clone().mayEnd).toBe(false)
  })

  it('allows the end of a text exactly where it may end, and nothing behind it', () => {
    const constraint = grammarConstraint(regexGrammar('ab?'), tokenizer)()
    expect(idsIn(constraint.allowed())).toEqual([97])
    expect(() => constraint.accept(256)).toThrow(/may not end here/)
    constraint.accept(97)
    expect(idsIn(constraint.allowed())).toEqual([98, 256])
    expect([constraint.mayEnd, constraint.mustEnd]).toEqual([true, false])
    const other = constraint.clone()
    constraint.accept(256)
    expect([constraint.mayEnd, constraint.mustEnd, idsIn(constraint.allowed())]).toEqual([true, true, []])
    expect(() => constraint.accept(98)).toThrow(/after a token that ended/)
    other.accept(98)
    expect([other.mustEnd, idsIn(other.allowed())]).toEqual([true, [256]])
  })

  it('takes other ends by name and id', () => {
    const ends = ['<|user|>', 10]
    const constraint = grammarConstraint(regexGrammar('a|\\n'), tokenizer, { ends })()
    expect(idsIn(constraint.allowed())).toEqual([97])
    constraint.accept(97)
    expect(idsIn(constraint.allowed())).toEqual([10, 257])
    expect(() => grammarConstraint(regexGrammar('a'), tokenizer, { ends: ['<|none|>'] })).toThrow(/is no token/)
  })

  it('refuses tokens that are not allowed, and stands where it stood', () => {
    const constraint = grammarConstraint(regexGrammar('ab'), tokenizer)()
    expect(() => constraint.accept(98)).toThrow(/token 98, "b", is not allowed here/)
    expect(() => constraint.accept(257)).toThrow(/is no text/)
    expect(() => constraint.accept(1e9)).toThrow(/is no text/)
    expect(() => constraint.accept(-1)).toThrow(/is no text/)
    constraint.accept(97)
    expect(idsIn(constraint.allowed())).toEqual([98])
  })

  it('never allows special tokens, also where their names would fit', () => {
    const constraint = grammarConstraint(regexGrammar('.*'), tokenizer)()
    expect(idsIn(constraint.allowed())).not.toContain(257)
  })

  it('copies go their own ways', () => {
    const constraint = grammarConstraint(jsonGrammar(), tokenizer)()
    for (const id of tokenizer.encode('[[{"a":')) constraint.accept(id)
    const copies = ['1}]]', '"x"}]]', '[]},2],3]'].map((rest) => ({ rest, copy: constraint.clone() }))
    for (const { rest, copy } of copies) for (const id of tokenizer.encode(rest)) copy.accept(id)
    expect(copies.map(({ copy }) => copy.mustEnd)).toEqual([true, true, true])
    expect(constraint.mayEnd).toBe(false)
  })

  it('goes on when more was remembered than is kept', () => {
    // Each depth is a state of its own, with many kinds of bytes; of two texts one goes on much later.
    const rules = new Map([
      ...parseGbnf('root ::= "(" root? ")" | letter\nletter ::= "a"').rules,
      ['letter', regexGrammar('\\p{L}').rules.get('root')!],
    ])
    const begin = grammarConstraint({ root: 'root', rules }, tokenizer)
    const [one, two] = [begin(), begin()]
    const deep = 80_000
    for (let i = 0; i < deep; i++) one.accept(40)
    two.accept(40)
    two.accept(41)
    expect(two.mustEnd).toBe(true)
    for (let i = 0; i < deep; i++) one.accept(41)
    expect(one.mustEnd).toBe(true)
  })
})

describe('what tokens stand for', () => {
  it('leaves out a space at the beginning where decoding does', () => {
    const tokenizer = byteFallback(['▁', '▁yes', 'yes', '▁no'])
    const id = (token: string) => tokenizer.idOf(token)!
    const tokens = (options?: { continues: boolean }) =>
      idsIn(grammarConstraint(regexGrammar('yes| no'), tokenizer, options)().allowed()).map((each) =>
        tokenizer.tokenOf(each),
      )
    expect(tokens()).toEqual(['<0x79>', '▁yes', 'yes'])
    expect(tokens({ continues: true })).toEqual(['<0x20>', '<0x79>', '▁', 'yes', '▁no'])
    const constraint = grammarConstraint(regexGrammar('yes no'), tokenizer)()
    constraint.accept(id('▁yes'))
    constraint.accept(id('▁no'))
    expect([constraint.mustEnd, tokenizer.decode([id('▁yes'), id('▁no')])]).toEqual([true, 'yes no'])
  })

  it('says at once what a vocabulary cannot spell', () => {
    const tokenizer = wordPieces(['yes', 'no', '##!'])
    expect(() => grammarConstraint(regexGrammar('maybe'), tokenizer)).toThrow(/can spell no text/)
    expect(() => grammarConstraint(jsonSchemaGrammar({ type: 'object' }), tokenizer)).toThrow(/can spell no text/)
    const constraint = grammarConstraint(regexGrammar('(yes|no|yes maybe|no yes)!?'), tokenizer)()
    expect(idsIn(constraint.allowed()).map((id) => tokenizer.tokenOf(id))).toEqual(['yes', 'no'])
    constraint.accept(tokenizer.idOf('yes')!)
    expect(idsIn(constraint.allowed()).map((id) => tokenizer.tokenOf(id))).toEqual(['[SEP]', '##!'])
  })
})

describe('tokenizers that were trained', () => {
  const text = [...world().documents().take(60)].map((each) => each.text).join('\n')
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 12 },
      қала: { type: 'string' },
      n: { type: 'integer', minimum: 1 },
    },
    required: ['name', 'қала', 'n'],
  }
  const sample = '{"name":"Айгүл 😀","қала":"a \\"b\\" \\u04d9","n":12}'
  it.each([
    ['byte-level BPE', () => trainBpe([text], { vocabSize: 2000, specials: ['<|endoftext|>'] })],
    ['SentencePiece BPE with bytes', () => trainSentencePieceBpe([text], { vocabSize: 900, byteFallback: true })],
    [
      'tokens that are half a character',
      () => byteLevel([Uint8Array.of(0xd2), Uint8Array.of(0x9b, 0xd0), Uint8Array.of(0x22, 0xf0, 0x9f)]),
    ],
  ])('%s', (_, train) => {
    const tokenizer = train()
    const begin = grammarConstraint(jsonSchemaGrammar(schema), tokenizer)
    const constraint = begin()
    // SentencePiece puts a space before a text, which decoding takes off again: a token for it alone adds nothing.
    const ids = tokenizer.encode(sample).filter((id, i) => i > 0 || tokenizer.tokenOf(id) !== '▁')
    for (const id of ids) {
      expect(idsIn(constraint.allowed())).toEqual(accepted(constraint, tokenizer.vocabSize))
      constraint.accept(id)
    }
    expect(constraint.mustEnd).toBe(true)
    const rng = random(6)
    for (let i = 0; i < 5; i++) {
      const quotes = (from: number[]) => from.filter((id) => tokenizer.bytesOf(id).includes(0x22)).concat(from[0])
      JSON.parse(
        tokenizer.decode(
          randomWalk(begin(), () => rng.next(), { prefer: quotes }),
          { skipSpecials: true },
        ),
      )
    }
  })
})
