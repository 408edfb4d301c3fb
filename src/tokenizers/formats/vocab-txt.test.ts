import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../../base/index.ts'
import { byteTokenizer } from '../byte-tokenizer.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { readVocabTxt, writeVocabTxt } from './vocab-txt.ts'

const text = '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nкітап\n##тар\n##и\nкитаб\n,\ni\nöt\n'

describe('vocab.txt', () => {
  it('is read into the tokenizer of BERT', () => {
    const bert = readVocabTxt(text)
    expect([...bert.encode('Кітаптар, ҚАЛА')]).toEqual([5, 6, 9, 1])
    const pair = bert.encoding('кітап', { pair: 'i, i', addSpecials: true })
    expect([...pair.ids]).toEqual([2, 5, 3, 10, 9, 10, 3])
    expect([...pair.typeIds]).toEqual([0, 0, 0, 1, 1, 1, 1])
    expect([...pair.starts]).toEqual([0, 0, 0, 0, 1, 3, 0])
    expect(bert.decode(pair.ids, { skipSpecials: true })).toBe('кітап i, i')
    expect([...bert.specials.keys()]).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'])
    expect([...bert.encode('[SEP]')]).not.toContain(3)
  })

  it('takes another normalizer, for letters with accents of their own', () => {
    const kept = readVocabTxt('[UNK]\nй\nи\n', { normalizer: bertNormalizer({ stripAccents: false }) })
    expect([...kept.encode('Й и')]).toEqual([1, 2])
    expect([...readVocabTxt('[UNK]\nй\nи\n').encode('Й и')]).toEqual([2, 2])
  })

  it('does without the tokens around a text when they are not there', () => {
    expect([...readVocabTxt('[UNK]\na').encode('a b', { addSpecials: true })]).toEqual([1, 0])
  })

  it('is written as it was read', () => {
    expect(writeVocabTxt(readVocabTxt(text))).toBe(text)
    expect(() => writeVocabTxt(byteTokenizer())).toThrow('vocab.txt holds WordPiece, and this is BPE')
  })

  it.each([
    ['a token twice', '[UNK]\na\nb\na\n', 'vocab.txt: line 4: "a" stands on line 2 already'],
    ['an empty line', '[UNK]\n\na\n', 'vocab.txt: line 2: is empty'],
    ['an empty line at the end', '[UNK]\na\n\n', 'vocab.txt: line 3: is empty'],
    ['CRLF', '[UNK]\r\na\r\n', 'vocab.txt: line 1: ends with a carriage return'],
    ['a byte order mark', '\ufeff[UNK]\na\n', 'vocab.txt: line 1: begins with a byte order mark'],
    ['no unknown token', 'a\nb\n', 'vocab.txt: the unknown token "[UNK]" is not there'],
    ['nothing', '', 'vocab.txt: the unknown token "[UNK]" is not there'],
    ['half a character', '[UNK]\n\ud83d\n', 'vocab.txt: wordPieceModel: '],
  ])('is refused for %s', (_, vocab, message) => {
    expect(() => readVocabTxt(vocab)).toThrow(FormatError)
    expect(() => readVocabTxt(vocab)).toThrow(message)
  })

  it('gives a tokenizer or a FormatError, whatever it holds', () => {
    const attempt = (vocab: string) => {
      try {
        readVocabTxt(vocab).encode('кітаптар i')
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
      }
    }
    for (let end = 0; end < text.length; end++) attempt(text.slice(0, end))
    const noise = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(9),
        fc.oneof(noise, fc.constantFrom('\n', '\r\n', 'i\n')),
        (at, cut, put) => attempt(text.slice(0, at) + put + text.slice(at + cut)),
      ),
      { numRuns: 500 },
    )
    attempt('x'.repeat(10_000_000))
    attempt(`[UNK]\n${'x'.repeat(10_000_000)}\n`)
    attempt(`[UNK]\n${'x\n'.repeat(500_000)}`)
  })
})
