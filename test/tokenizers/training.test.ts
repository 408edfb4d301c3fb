import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openPython } from '../../bench/peers/python.ts'
import { benchText, type TextName } from '../../bench/texts/texts.ts'
import { trainBpe, writeTokenizerJson } from '../../src/tokenizers/index.ts'
import { against, whyNot } from './oracles.ts'

// Hugging Face's trainer is not in its package for npm: it is asked through Python.

const python = await openPython('tokenizer_training.py', 1)
const peer = 'why' in python ? undefined : python
afterAll(() => peer?.close())

against('training', 'why' in python ? python.why : whyNot('udhr'), () => {
  describe('BPE', () => {
    it.each<TextName>([
      'english',
      'code',
      'multilingual',
      'kazakh',
      'distinct',
    ])('learns the merges of Hugging Face, in their order, from %s', async (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'alippe-training-'))
      try {
        const path = join(folder, 'text.txt')
        const { text } = benchText(name, 4e5)
        writeFileSync(path, text)
        const theirs = await peer!.request<{ hash: string }>({ op: 'bpe', path, vocabSize: 4096 })
        const { merges } = JSON.parse(writeTokenizerJson(trainBpe(text, { vocabSize: 4096 }))).model
        expect(merges).toHaveLength(4096 - 256)
        const lines = merges.map((pair: readonly string[]) => pair.join(' ')).join('\n')
        expect(createHash('sha256').update(lines).digest('hex')).toBe(theirs.hash)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  })
})
