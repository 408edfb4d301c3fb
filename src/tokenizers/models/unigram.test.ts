import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../base/index.ts'
import { TokenList } from '../token-list.ts'
import { bytePiece } from './byte-pieces.ts'
import { pieceTrie } from './piece-trie.ts'
import { type UnigramVocabulary, unigram } from './unigram.ts'

function encoded(vocabulary: UnigramVocabulary, text: string): { pieces: string[]; spans: number[] } {
  const model = unigram(vocabulary)
  const tracked = new TokenList({ tracked: true })
  model.encode(text, tracked)
  const spans = [...tracked.spans!]
  const ids = tracked.take()
  // Remembered or not, and with offsets or without, ids are the same.
  const plain = new TokenList({ tracked: false })
  for (let i = 0; i < 2; i++) {
    model.encode(text, plain)
    expect(plain.take()).toEqual(ids)
  }
  return { pieces: Array.from(ids, (id) => model.tokenOf(id)!), spans }
}

const pieces: [string, number][] = [
  ['<unk>', 0],
  ['a', -1],
  ['b', -1],
  ['ab', -2],
  ['abc', -9],
  ['сөз', -3],
]

describe('unigram', () => {
  it('keeps what was found first of equally good cuts', () => {
    // a + b and ab both have −2; the way to the end over "ab" is found from the earlier place.
    expect(encoded({ pieces, unknownId: 0 }, 'ab').pieces).toEqual(['ab'])
  })

  it('makes one token of neighbouring unknown characters', () => {
    expect(encoded({ pieces, unknownId: 0 }, 'aқ年b')).toEqual({
      pieces: ['a', '<unk>', 'b'],
      spans: [0, 1, 1, 3, 3, 4],
    })
  })

  it('prefers known pieces by ten nats', () => {
    expect(encoded({ pieces, unknownId: 0 }, 'abc').pieces).toEqual(['abc'])
    expect(encoded({ pieces: pieces.with(4, ['abc', -30]), unknownId: 0 }, 'abc').pieces).toEqual(['abc'])
    const low: [string, number][] = [...pieces.with(4, ['abc', -30]), ['x', -40]]
    expect(encoded({ pieces: low, unknownId: 0 }, 'abc').pieces).toEqual(['abc'])
  })

  it('falls back to bytes where all have a piece', () => {
    const bytes = [0xd2, 0x9b].map((byte): [string, number] => [bytePiece(byte), 0])
    const vocabulary = { pieces: [...pieces, ...bytes], unknownId: 0, byteFallback: true }
    expect(encoded(vocabulary, 'aқ')).toEqual({ pieces: ['a', '<0xD2>', '<0x9B>'], spans: [0, 1, 1, 2, 1, 2] })
    expect(encoded(vocabulary, 'aң').pieces).toEqual(['a', '<unk>'])
  })

  it('refuses what it cannot encode, and vocabularies that make no sense', () => {
    expect(() => encoded({ pieces }, 'x')).toThrow(ConfigError)
    expect(() => unigram({ pieces, unknownId: 9 })).toThrow(/ids are 0 to 5/)
    expect(() => unigram({ pieces: [['a', Number.NaN]] })).toThrow(/piece 0 is not a number/)
  })
})

describe('pieceTrie', () => {
  it('finds every piece and nothing else', () => {
    const words = Array.from({ length: 3000 }, (_, i) => (i * i * 7919).toString(36) + 'әі'.repeat(i % 3))
    const distinct = [...new Set(words)]
    const { classes, children, parents, ids } = pieceTrie(new Map(distinct.map((word, i) => [word, i])))
    const find = (text: string): number => {
      let node = 1
      for (let i = 0; i < text.length; i++) {
        const child = children[node] + classes[text.charCodeAt(i)]
        if (parents[child] !== node) return -1
        node = child
      }
      return ids[node]
    }
    expect(distinct.map(find)).toEqual(distinct.map((_, i) => i))
    for (const word of distinct.slice(0, 500))
      for (const other of [word + '!', word.slice(1)]) {
        expect(find(other)).toBe(distinct.indexOf(other))
      }
  })
})
