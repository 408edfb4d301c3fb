import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { trainBpe } from '../../src/tokenizers/index.ts'

const root = join(import.meta.dirname, '..', '..')
const files = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'docs/notation.md',
  'docs/log.md',
  'kernels/README.md',
]

/** Ids of what this repository says about itself, by a BPE tokenizer that learned from it. */
export function realTokens(vocabSize: number): Uint32Array {
  const text = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  return Uint32Array.from(trainBpe(text, { vocabSize }).encode(text))
}
