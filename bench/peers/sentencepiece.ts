import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { Missing } from './python.ts'

// SentencePiece's own tools, from Debian's package of that name.

export interface SentencePieceTraining {
  /** A text file; its lines are the sentences. */
  readonly input: string
  /** `PREFIX.model` and `PREFIX.vocab` are written. */
  readonly prefix: string
  readonly model: 'unigram' | 'bpe' | 'word' | 'char'
  readonly vocabSize: number
  readonly threads: number
  /** More of spm_train's flags, as `--name=value`. */
  readonly flags?: readonly string[]
}

/** What the tools say of their version, or why they cannot be had. */
export function sentencePieceVersion(): string | Missing {
  try {
    const words = execFileSync('spm_train', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    return /\d+(?:\.\d+)+/.exec(words)?.[0] ?? 'of unknown version'
  } catch {
    return { why: 'spm_train is not installed: apt-get install sentencepiece' }
  }
}

/** Whether the tools round sums of scores as they did before version 0.2. */
export const isBefore02 = (): boolean => String(sentencePieceVersion()).startsWith('0.1.')

/** Trains and returns how many seconds the whole process took. */
export async function trainSentencePiece(training: SentencePieceTraining): Promise<number> {
  const { input, prefix, model, vocabSize, threads, flags = [] } = training
  const words = [
    `--input=${input}`,
    `--model_prefix=${prefix}`,
    `--model_type=${model}`,
    `--vocab_size=${vocabSize}`,
    `--num_threads=${threads}`,
    '--minloglevel=2',
    ...flags,
  ]
  const start = performance.now()
  await promisify(execFile)('spm_train', words, { maxBuffer })
  return (performance.now() - start) / 1000
}

/** Ids of each line; a line is what stands between two newlines. */
export function encodeSentencePiece(
  model: string,
  lines: readonly string[],
  flags: readonly string[] = [],
): number[][] {
  const words = [`--model=${model}`, '--output_format=id', ...flags]
  const output = execFileSync('spm_encode', words, { input: toLines(lines), encoding: 'utf8', maxBuffer })
  return fromLines(output).map((line) => (line === '' ? [] : line.split(' ').map(Number)))
}

/** The text of each list of ids. */
export function decodeSentencePiece(model: string, lists: readonly (readonly number[])[]): string[] {
  const input = toLines(lists.map((ids) => ids.join(' ')))
  return fromLines(
    execFileSync('spm_decode', [`--model=${model}`, '--input_format=id'], { input, encoding: 'utf8', maxBuffer }),
  )
}

const maxBuffer = 1 << 30
const toLines = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
const fromLines = (output: string) => output.split('\n').slice(0, -1)
