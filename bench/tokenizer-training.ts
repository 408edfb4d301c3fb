import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlippeError } from '../src/base/index.ts'
import { trainBpe, writeTokenizerJson } from '../src/tokenizers/index.ts'
import { openPython, type PythonPeer } from './peers/python.ts'
import { sentencePieceVersion, trainSentencePiece } from './peers/sentencepiece.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import { interleave, type Sampler } from './runner/interleave.ts'
import { compare, figure } from './runner/statistics.ts'
import { type BenchText, benchText } from './texts/texts.ts'

// From a text in memory, or in a file that was just read, to a vocabulary. Everybody has one thread.

const rounds = 5

/** A trainer and those that it is measured against, by name. */
interface Contest {
  readonly name: string
  /** For 10 MB. */
  readonly target: string
  readonly ours: Sampler
  readonly peers: Readonly<Record<string, Sampler>>
}

interface Setting {
  readonly context: Context
  readonly text: BenchText
  /** A file with the same text. */
  readonly path: string
  readonly folder: string
  readonly python: PythonPeer | undefined
  readonly sentencePiece: string | undefined
}

const bench: Bench = {
  title: 'Training tokenizers on English text, 10 MB and 32 k tokens: seconds.',
  async *cases(context) {
    const folder = mkdtempSync(join(tmpdir(), 'alippe-bench-'))
    const python = await openPython('tokenizer_training.py', 1)
    const version = sentencePieceVersion()
    if (context.quick) context.skip('10 MB, 32 k tokens', 'left out by --quick: 1 MB, 8 k tokens')
    if ('why' in python) context.skip('tokenizers (Python)', python.why)
    if (typeof version !== 'string') context.skip('sentencepiece', version.why)
    try {
      const text = benchText('english', context.quick ? 1e6 : 1e7)
      const path = join(folder, 'text.txt')
      writeFileSync(path, text.text)
      const setting = {
        context,
        text,
        path,
        folder,
        python: 'why' in python ? undefined : python,
        sentencePiece: typeof version === 'string' ? version : undefined,
      }
      yield* measure(setting, await bpe(setting))
    } finally {
      if (!('why' in python)) await python.close()
      rmSync(folder, { recursive: true })
    }
  },
}
export default bench

async function* measure({ context, text }: Setting, contest: Contest): AsyncGenerator<Case> {
  const { name, target, ours, peers } = contest
  if (!context.wants(name)) return
  const samples = await interleave({ ours, ...peers }, { rounds })
  const { ours: own, ...others } = samples
  const note = `${(text.bytes / 1e6).toFixed(1)} MB: ${text.madeOf}`
  const goal = context.quick ? undefined : target
  yield compare({ case: name, ours: figure(own, 's'), peers: others, target: goal, lessIsBetter: true, note })
}

const secondsOf =
  (work: () => unknown): Sampler =>
  async () => {
    const start = performance.now()
    work()
    return (performance.now() - start) / 1000
  }

async function bpe({ context, text, path, folder, python, sentencePiece }: Setting): Promise<Contest> {
  const vocabSize = context.quick ? 8192 : 32768
  const name = `BPE ${vocabSize}`
  const train = () => trainBpe(text.text, { vocabSize })
  const peers: Record<string, Sampler> = {}
  if (python !== undefined && context.wants(name)) {
    const ask = (op: string) =>
      python.request<{ seconds: number; hash: string; missing?: string }>({ op, path, vocabSize })
    const theirs = await ask('bpe')
    if (theirs.hash !== hashOfMerges(writeTokenizerJson(train()))) {
      throw new AlippeError(
        'ALIPPE_BENCH',
        `tokenizer-training: the merges are not those of tokenizers ${python.version}`,
      )
    }
    peers[`tokenizers ${python.version}`] = async () => (await ask('bpe')).seconds
    const { missing } = await ask('rust_bpe')
    if (missing === undefined) peers.rustbpe = async () => (await ask('rust_bpe')).seconds
    else context.skip('rustbpe', missing)
  }
  if (sentencePiece !== undefined) {
    const training = { input: path, prefix: join(folder, 'bpe'), model: 'bpe', vocabSize, threads: 1 } as const
    peers[`sentencepiece ${sentencePiece}`] = () => trainSentencePiece(training)
  }
  return { name, target: 'value <= 0.8', ours: secondsOf(train), peers }
}

function hashOfMerges(tokenizerJson: string): string {
  const { merges } = JSON.parse(tokenizerJson).model as { merges: readonly (readonly [string, string])[] }
  return createHash('sha256')
    .update(merges.map((pair) => pair.join(' ')).join('\n'))
    .digest('hex')
}
