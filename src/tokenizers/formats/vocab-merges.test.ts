import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../base/index.ts'
import { characterOfByte } from '../byte-alphabet.ts'
import { byteTokenizer } from '../byte-tokenizer.ts'
import { readVocabMerges, writeVocabMerges } from './vocab-merges.ts'

const learned = ['Ó Ļ', 'Ð »', 'Ñ ĸ', 'Ð» Ñĸ', 'ÓĻ Ð»Ñĸ', 'l o', 'lo w', 'Ġ low']
const vocabOf = (tokens: readonly string[]) =>
  JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id])))
const tokens = [...characterOfByte, ...learned.map((merge) => merge.replace(' ', '')), '<|endoftext|>']
const vocab = vocabOf(tokens)
const merges = `#version: 0.2\n${learned.join('\n')}\n`

describe('vocab.json and merges.txt', () => {
  it('are read into byte-level BPE with special tokens', () => {
    const tokenizer = readVocabMerges(vocab, merges)
    expect([...tokenizer.encode('low low әлі')]).toEqual([262, 263, 32, 260])
    expect([...tokenizer.specials]).toEqual([['<|endoftext|>', 264]])
    expect([...tokenizer.encode('<|endoftext|>', { allowSpecials: true })]).toEqual([264])
    expect(tokenizer.decode([262, 263, 32, 260])).toBe('low low әлі')
    // Old files tell no version, some do not end their last line, and a caller may know the special tokens.
    const plain = readVocabMerges(vocab, learned.join('\n'), { specials: [] })
    expect(plain.specials.size).toBe(0)
    expect([...plain.encode(' low')]).toEqual([263])
  })

  it('are written as they were read', () => {
    const written = writeVocabMerges(readVocabMerges(vocab, merges))
    expect(written.merges).toBe(merges)
    // Not by order: JavaScript puts names that are numbers first.
    expect(JSON.parse(written.vocab)).toEqual(JSON.parse(vocab))
    expect(readVocabMerges(written.vocab, written.merges).definition()).toBe(
      readVocabMerges(vocab, merges).definition(),
    )
    expect(writeVocabMerges(byteTokenizer()).merges).toBe('#version: 0.2\n')
  })

  it.each([
    [
      'a version alone',
      vocab,
      '#version: 0.2\n\n',
      'merges.txt: line 2: expected two tokens with a space between, got ""',
    ],
    ['three tokens', vocab, 'l o w\n', 'merges.txt: line 1: expected two tokens with a space between, got "l o w"'],
    ['an unknown part', vocab, 'l o\nl xx\n', 'merges.txt: line 2: "xx" is not in the vocabulary'],
    ['an unknown result', vocab, '#version\nl o\no w\n', 'merges.txt: line 3: "ow" is not in the vocabulary'],
    ['CRLF', vocab, 'l o\r\n', 'merges.txt: line 1: ends with a carriage return'],
    ['a byte order mark', vocab, '\ufeffl o\n', 'merges.txt: line 1: begins with a byte order mark'],
    ['no JSON', '{"a":0', '', 'vocab.json: character 6: expected }, got the end'],
    ['a list', '[]', '', 'vocab.json: the whole: expected an object from token to id'],
    ['a token twice', '{"a":0,"a":1}', '', 'vocab.json: character 7: the name "a" comes twice'],
    ['an id twice', '{"a":0,"b":0}', '', 'vocab.json: "b": id 0 is that of "a" already'],
    ['no id', '{"a":-1}', '', 'vocab.json: "a": expected an id from 0 to 4194303, got -1'],
    ['an id as text', '{"a":"1"}', '', 'vocab.json: "a": expected an id from 0 to 4194303, got string'],
    ['an empty token', '{"":0}', '', 'vocab.json: "": expected a token'],
    ['bytes without tokens', '{"a":0}', '', 'vocab.json: '],
  ])('are refused for %s', (_, vocabText, mergesText, message) => {
    expect(() => readVocabMerges(vocabText, mergesText)).toThrow(FormatError)
    expect(() => readVocabMerges(vocabText, mergesText)).toThrow(message)
  })

  it('give a tokenizer or a FormatError, whatever they hold', () => {
    const attempt = (vocabText: string, mergesText: string) => {
      try {
        readVocabMerges(vocabText, mergesText).encode('low әлі')
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
      }
    }
    for (let end = 0; end < merges.length; end++) attempt(vocab, merges.slice(0, end))
    for (let end = 0; end < vocab.length; end += 7) attempt(vocab.slice(0, end), merges)
    const spoiled = (text: string) =>
      fc
        .tuple(
          fc.nat(text.length),
          fc.nat(12),
          fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', ' ', '"', ':0,', 'l o\n')),
        )
        .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut))
    fc.assert(fc.property(spoiled(vocab), spoiled(merges), attempt), { numRuns: 500 })
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (noise) => attempt(vocab, noise)))
    const long = 'x'.repeat(10_000_000)
    attempt(vocab, long)
    attempt(vocab, `${long} ${long}`)
    attempt(long, merges)
    attempt(`{"${long}":0}`, merges)
  })
})
