import { describe, expect, it } from 'vitest'
import { UnitTrie } from './unit-trie.ts'

describe('UnitTrie', () => {
  it('finds every string that it has been given, however many, and no others', () => {
    // Two characters and three, from an alphabet that fills all code units: 20,000 strings, about as many nodes.
    const strings = Array.from({ length: 20_000 }, (_, i) => {
      const units = [i % 97, (i * 7919) % 65_536, (i * 31) % 65_536].slice(0, 2 + (i % 2))
      return String.fromCharCode(...units)
    })
    const values = new Map(strings.map((string, i) => [string, i]))
    const trie = new UnitTrie()
    for (const [string, value] of values) {
      trie.set(string, value)
      expect(trie.valueAt(trie.node(string))).toBe(value)
    }
    const find = (string: string) => {
      let node: number = UnitTrie.root
      for (let i = 0; i < string.length; i++) if ((node = trie.next(node, string.charCodeAt(i))) === 0) return -1
      return trie.valueAt(node)
    }
    expect(strings.filter((string) => find(string) !== values.get(string))).toEqual([])
    const others = strings.map((string) => string.split('').reverse().join('')).filter((string) => !values.has(string))
    expect(others.filter((string) => find(string) >= 0)).toEqual([])
    expect(find('\u0000')).toBe(-1)
  })
})
