import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlippeError } from '../src/base/index.ts'
import { trainBpe, writeTokenizerJson } from '../src/tokenizers/index.ts'
import { trainUnigram, trainWordPiece } from '../src/tokenizers/trainers/index.ts'
import { openPython, type PythonPeer } from './peers/python.ts'
import { encodeSentencePiece, sentencePieceVersion, trainSentencePiece } from './peers/sentencepiece.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import { interleave, type Sampler } from './runner/interleave.ts'
import { compare, figure } from './runner/statistics.ts'
import { type BenchText, beginning, benchText } from './texts/texts.ts'

// From a text in memory, or in a file that was just read, to a vocabulary. Everybody has one thread.

const rounds = 5

/** A trainer and those that it is measured against, by name. */
interface Contest {
  readonly name: string
  /** For 10 MB. */
  readonly target?: string
  readonly ours: Sampler
  readonly peers: Readonly<Record<string, Sampler>>
  /**
   * Holds the vocabularies against each other.
   *
   * @returns what a reader should know of the difference
   * @throws AlippeError when they should be equal and are not
   */
  check?(): Promise<string>
}

interface Setting {
  readonly context: Context
  readonly text: BenchText
  /** A file with the same text. */
  readonly path: string
  readonly folder: string
  readonly python: PythonPeer | undefined
  readonly hasRustbpe: boolean
  readonly sentencePiece: string | undefined
}

const bench: Bench = {
  title: 'Training tokenizers on English text, 10 MB and 32 k tokens: seconds.',
  async *cases(context) {
    const folder = mkdtempSync(join(tmpdir(), 'alippe-bench-'))
    const python = await openPython('tokenizer_training.py', 1)
    const version = sentencePieceVersion()
    if (context.quick) context.skip('10 MB, 32 k tokens, BPE of sentencepiece', 'left out by --quick')
    if ('why' in python) context.skip('tokenizers (Python)', python.why)
    if (typeof version !== 'string') context.skip('sentencepiece', version.why)
    const hasRustbpe = !('why' in python) && (await python.request<boolean>({ op: 'has_rust_bpe' }))
    if (!hasRustbpe) context.skip('rustbpe', 'python3 cannot import it')
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
        hasRustbpe,
        sentencePiece: typeof version === 'string' ? version : undefined,
      }
      for (const contest of contests(setting)) {
        if (context.wants(contest.name)) yield await measure(setting, contest)
      }
    } finally {
      if (!('why' in python)) await python.close()
      rmSync(folder, { recursive: true })
    }
  },
}
export default bench

async function measure({ context, text }: Setting, { name, target, ours, peers, check }: Contest): Promise<Case> {
  const difference = await check?.()
  const { ours: own, ...others } = await interleave({ ours, ...peers }, { rounds })
  const size = `${(text.bytes / 1e6).toFixed(1)} MB: ${text.madeOf}`
  return compare({
    case: name,
    ours: figure(own, 's'),
    peers: others,
    target: context.quick ? undefined : target,
    lessIsBetter: true,
    note: difference === undefined ? size : `${size}; ${difference}`,
  })
}

function contests(setting: Setting): Contest[] {
  const sizes = setting.context.quick ? [8000] : [8000, 32000]
  return [bpe(setting), ...sizes.map((vocabSize) => unigram(setting, vocabSize)), wordPiece(setting)]
}

const secondsOf =
  (work: () => unknown): Sampler =>
  async () => {
    const start = performance.now()
    work()
    return (performance.now() - start) / 1000
  }

interface Trained {
  readonly seconds: number
  readonly hash: string
}

function bpe({ context, text, path, folder, python, hasRustbpe, sentencePiece }: Setting): Contest {
  const vocabSize = context.quick ? 8192 : 32768
  const train = () => trainBpe(text.text, { vocabSize })
  const ask = (op: string) => python!.request<Trained>({ op, path, vocabSize })
  const peers: Record<string, Sampler> = {}
  if (python !== undefined) {
    peers[`tokenizers ${python.version}`] = async () => (await ask('bpe')).seconds
    if (hasRustbpe) peers.rustbpe = async () => (await ask('rust_bpe')).seconds
  }
  if (sentencePiece !== undefined && !context.quick) {
    const training = { input: path, prefix: join(folder, 'bpe'), model: 'bpe', vocabSize, threads: 1 } as const
    peers[`sentencepiece ${sentencePiece}`] = () => trainSentencePiece(training)
  }
  const check = async () => {
    if ((await ask('bpe')).hash === hashOfMerges(writeTokenizerJson(train())))
      return 'the merges are those of tokenizers'
    throw new AlippeError('ALIPPE_BENCH', 'tokenizer-training: the merges are not those of tokenizers')
  }
  const name = `BPE ${vocabSize}`
  return { name, target: 'value <= 0.8', ours: secondsOf(train), peers, check: python && check }
}
function hashOfMerges(tokenizerJson: string): string {
  const { merges } = JSON.parse(tokenizerJson).model as { merges: readonly (readonly [string, string])[] }
  return createHash('sha256')
    .update(merges.map((pair) => pair.join(' ')).join('\n'))
    .digest('hex')
}

function unigram({ text, path, folder, sentencePiece }: Setting, vocabSize: number): Contest {
  const train = () => trainUnigram(text.text, { vocabSize })
  const name = `Unigram ${vocabSize}`
  if (sentencePiece === undefined) return { name, target: 'ratio >= 2', ours: secondsOf(train), peers: {} }
  const prefix = join(folder, `unigram-${vocabSize}`)
  // Lines that are longer than its default would be left out.
  const flags = ['--max_sentence_length=1000000', '--hard_vocab_limit=false']
  const training = { input: path, prefix, model: 'unigram', vocabSize, threads: 1, flags } as const
  const check = async () => {
    await trainSentencePiece(training)
    const lines = beginning(text.text, 1e6).split('\n')
    const trained = train()
    const ours = lines.reduce((sum, line) => sum + trained.encode(line).length, 0)
    const theirs = encodeSentencePiece(`${prefix}.model`, lines).reduce((sum, ids) => sum + ids.length, 0)
    return `a megabyte of it is ${ours} tokens, ${theirs} with sentencepiece's vocabulary`
  }
  const peers = { [`sentencepiece ${sentencePiece}`]: () => trainSentencePiece(training) }
  return { name, target: 'ratio >= 2', ours: secondsOf(train), peers, check }
}

/** By frequency, as theirs: the likelihood ratio is another question. */
function wordPiece({ text, path, python }: Setting): Contest {
  const vocabSize = 30000
  const train = () => trainWordPiece(text.text, { vocabSize, score: 'frequency' })
  const peers: Record<string, Sampler> = {}
  if (python !== undefined) {
    const ask = { op: 'word_piece', path, vocabSize }
    peers[`tokenizers ${python.version}`] = async () => (await python.request<Trained>(ask)).seconds
  }
  return { name: `WordPiece ${vocabSize}`, ours: secondsOf(train), peers }
}
