import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../base/index.ts'
import { readSentencePiece, writeSentencePiece } from '../formats/index.ts'
import { digamma } from './unigram-em.ts'
import { seedLattice } from './unigram-lattice.ts'
import { type TrainedUnigram, trainUnigram } from './unigram-train.ts'

/** Kazakh words with endings, and English ones: many parts in common. */
const stems = ['бала', 'дала', 'қала', 'кітап', 'мектеп', 'walk', 'talk', 'read', 'play', 'жол']
const endings = ['', 'лар', 'дан', 'ның', 'ға', 'ing', 'ed', 's', 'мен']
const text = Array.from({ length: 4000 }, (_, i) => stems[(i * 7) % 10] + endings[(i * i + (i >> 3)) % 9]).join(' ')
const piecesOf = (t: TrainedUnigram): string[] => t.file.pieces!.map(({ piece }) => piece!)

describe('trainUnigram', () => {
  const t = trainUnigram(text, { vocabSize: 60, specials: ['<pad>'] })

  it('gives the size that was asked, symbols first', () => {
    expect(t.vocabSize).toBe(60)
    expect(piecesOf(t).slice(0, 4)).toEqual(['<unk>', '<s>', '</s>', '<pad>'])
    expect(new Set(piecesOf(t)).size).toBe(60)
  })

  it('finds the parts that words are made of', () => {
    expect(piecesOf(t)).toEqual(expect.arrayContaining(['▁бала', '▁walk', 'ing', 'лар']))
    expect(t.decode(t.encode('балалар walking'))).toBe('балалар walking')
    expect(t.encode('балалар walking').length).toBe(4)
  })

  it('never loses likelihood from pass to pass, but by a prune', () => {
    const { passes } = trainUnigram(text, { vocabSize: 60, subIterations: 4 }).report
    expect(passes.length).toBeGreaterThan(8)
    passes.slice(1).forEach((pass, i) => {
      if (!passes[i].prunes) expect(pass.logLikelihood).toBeGreaterThanOrEqual(passes[i].logLikelihood)
      expect(pass.pieces).toBe(passes[i].pieces - passes[i].removed)
    })
    expect(
      passes.some((pass, i) => i > 0 && passes[i - 1].prunes && pass.logLikelihood < passes[i - 1].logLikelihood),
    ).toBe(true)
  })

  it('does not depend on how the text is cut into parts', async () => {
    const parts = text.match(/.{1,13}/gs)!
    const file = writeSentencePiece(t)
    expect(writeSentencePiece(trainUnigram(parts, { vocabSize: 60, specials: ['<pad>'] }))).toEqual(file)
    async function* later(): AsyncGenerator<string> {
      yield* parts
    }
    expect(writeSentencePiece(await trainUnigram(later(), { vocabSize: 60, specials: ['<pad>'] }))).toEqual(file)
    expect(readSentencePiece(file).encode(text)).toEqual(t.encode(text))
  })

  it('keeps digits, scripts and symbols apart', () => {
    const mixed = 'том12 том12 том34 abc<x>12 abc<x>12 ab, ab, '.repeat(50)
    const options = { vocabSize: 30, splitDigits: true, userDefinedSymbols: ['<x>'] }
    const own = piecesOf(trainUnigram(mixed, options)).slice(4)
    expect(own.filter((piece) => /\d./.test(piece) || /[а-я][a-z]|[a-z],|<x/.test(piece))).toEqual([])
    expect(trainUnigram(mixed, options).encode('abc<x>')).toContain(3)
  })

  it('has bytes for what it has not seen', () => {
    const b = trainUnigram(text, { vocabSize: 320, byteFallback: true })
    expect(b.decode(b.encode('бала 年'))).toBe('бала 年')
  })

  it('refuses what cannot be', () => {
    expect(() => trainUnigram('', { vocabSize: 10 })).toThrow(DataError)
    expect(() => trainUnigram('  \n', { vocabSize: 10 })).toThrow(DataError)
    expect(() => trainUnigram(text, { vocabSize: 10 })).toThrow(/no room for 3 symbols and \d+ characters/)
    expect(() => trainUnigram(text, { vocabSize: 60, shrinkingFactor: 1 })).toThrow(ConfigError)
  })
})

describe('seeds', () => {
  it('are all frequent parts that no longer part stands for', () => {
    const runs = new Map([
      ['abab', 3],
      ['cab', 1],
    ])
    const lattice = seedLattice(runs, { characters: [97, 98, 99], longestPiece: 4, seedSize: 100 })
    const { pieceStarts, pieceLengths, pieceCounts, symbols } = lattice
    const found = Array.from(pieceStarts, (start, i) => [
      String.fromCharCode(...symbols.subarray(start, start + pieceLengths[i]).map((symbol) => 96 + symbol)),
      pieceCounts[i],
    ])
    // "aba" occurs as often as "abab", and only in it; "ca" occurs once.
    expect(Object.fromEntries(found)).toEqual({ a: 7, b: 7, c: 1, ab: 7, abab: 3, bab: 3 })
  })
})

describe('digamma', () => {
  it('has its known values', () => {
    const euler = 0.5772156649015329
    expect(digamma(1)).toBeCloseTo(-euler, 9)
    expect(digamma(0.5)).toBeCloseTo(-euler - 2 * Math.LN2, 9)
    expect(digamma(100)).toBeCloseTo(Math.log(100) - 1 / 200 - 1 / 120000, 9)
  })
})
