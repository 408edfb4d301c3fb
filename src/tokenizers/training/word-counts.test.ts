import { describe, expect, it } from 'vitest'
import { alignedText } from '../aligned-text.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { bertPreTokenizer } from '../pieces/bert.ts'
import { pieces } from '../pieces/scanners/pieces.ts'
import { WordCounts, type WordStages } from './word-counts.ts'

function counted(stages: WordStages, parts: Iterable<string>): [string, number][] {
  const counts = new WordCounts(stages)
  for (const part of parts) counts.push(part)
  return [...counts.end()]
}

function* cutAt(text: string, size: number) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

const bert = { normalizer: bertNormalizer(), preTokenizer: bertPreTokenizer() }

describe('WordCounts', () => {
  // More than two chunks of 2^20 code units.
  const sentence = 'Бала кітап оқыды,\t the child   read café—naïve 😀 books.\n\n'
  const long = sentence.repeat(40_000)

  it('counts what the stages make of the whole text, wherever parts are cut', () => {
    const preTokenizer = pieces('gpt2')
    const direct = new Map<string, number>()
    for (const { text } of preTokenizer.split(alignedText(long, false))) direct.set(text, (direct.get(text) ?? 0) + 1)
    expect(counted({ preTokenizer }, [long])).toEqual([...direct])
    expect(counted({ preTokenizer }, cutAt(long, 99_991))).toEqual([...direct])
    expect(counted(bert, cutAt(long, 99_991))).toEqual(counted(bert, [sentence]).map(([word]) => [word, 40_000]))
    const words = 'бала кітап оқыды , the child read cafe — naive 😀 books .'.split(' ')
    expect(counted(bert, [sentence])).toEqual(words.map((word) => [word, 1]))
  })

  it('gives the same for BERT whether each distinct word passes the stages once or the whole text does', () => {
    const { normalizer, preTokenizer } = bert
    const other = { normalizer: { ...normalizer, json: { type: 'Other' } }, preTokenizer }
    const text = `${sentence}a\u0085b\u00a0c\ufeffd e\u0301 \u0301f 你好g \u200bh\u3000i`
    expect(counted(bert, [text])).toEqual(counted(other, [text]))
  })

  it('cuts text without spaces at a fixed length, never inside a character', () => {
    const text = `a${'😀'.repeat(700_000)}`
    const stages = { preTokenizer: undefined }
    const whole = counted(stages, [text])
    expect(whole.map(([word]) => word.length)).toEqual([(1 << 20) - 1, 1_400_001 - (1 << 20) + 1])
    expect(whole.every(([word]) => word.isWellFormed())).toBe(true)
    expect(counted(stages, cutAt(text, 123_457))).toEqual(whole)
  })
})
