import { type Command, Option } from 'commander'
import { saveTokenizer } from '../node/index.ts'
import { openSources } from '../node/prepare/index.ts'
import { type PatternName, patternNames, type TieRule, type Tokenizer, trainBpe } from '../tokenizers/index.ts'
import {
  trainCharacters,
  trainSentencePieceBpe,
  trainUnigram,
  trainWordPiece,
  trainWords,
  type WordPieceScore,
} from '../tokenizers/trainers/index.ts'
import { wholeNumber } from './engine.ts'
import { isLive } from './terminal.ts'

const tieRules: readonly TieRule[] = ['lowest ids', 'greatest bytes', 'first seen']
const scores: readonly WordPieceScore[] = ['frequency', 'likelihood ratio']

interface TrainFlags {
  readonly model: keyof typeof trainers
  readonly vocab: number
  readonly pieces?: PatternName
  readonly ties?: TieRule
  readonly score: WordPieceScore
  readonly special?: string[]
  readonly output: string
  readonly json?: boolean
}

export function addTrain(parent: Command): void {
  parent
    .command('train')
    .description('Learns a tokenizer from text.')
    .argument('[paths...]', 'files and folders of text, addresses; standard input when none are given')
    .addOption(new Option('-m, --model <kind>', 'what to learn').choices(Object.keys(trainers)).default('bpe'))
    .option('-v, --vocab <n>', 'tokens in all', wholeNumber(1), 8192)
    .addOption(new Option('--pieces <name>', 'bpe: cuts that tokens never cross (default: gpt2)').choices(patternNames))
    .addOption(
      new Option('--ties <rule>', 'bpe: which of equally frequent pairs (default: lowest ids)').choices(tieRules),
    )
    .addOption(new Option('--score <rule>', 'wordpiece: which pair').choices(scores).default('frequency'))
    .option('-s, --special <names...>', 'special tokens, as <|end|>')
    .option('-o, --output <path>', 'tokenizer.json, *.tiktoken, *.model, vocab.txt, or a folder', 'tokenizer.json')
    .option('--json', 'print one JSON document')
    .action(train)
}

interface TrainRequest {
  readonly vocabSize: number
  readonly specials?: readonly string[]
  readonly onProgress: (progress: { readonly stage: string; readonly done: number; readonly total?: number }) => void
}

type Trainer = (text: AsyncIterable<string>, request: TrainRequest, flags: TrainFlags) => Promise<Tokenizer>

const trainers = {
  bpe: (text, request, { pieces, ties }) => trainBpe(text, { ...request, pieces, ties }),
  wordpiece: (text, request, { score }) => trainWordPiece(text, { ...request, score }),
  unigram: (text, request) => trainUnigram(text, request),
  'sentencepiece-bpe': (text, request) => trainSentencePieceBpe(text, request),
  words: (text, request) => trainWords(text, request),
  characters: (text, request) => trainCharacters(text, request),
} satisfies Readonly<Record<string, Trainer>>

async function train(paths: readonly string[], flags: TrainFlags): Promise<void> {
  const started = performance.now()
  const progress = progressOn(process.stderr)
  let characters = 0
  async function* text(): AsyncGenerator<string> {
    for await (const { text } of await openSources(paths.length === 0 ? ['-'] : paths)) yield `${text}\n`
  }
  async function* counted(): AsyncGenerator<string> {
    for await (const part of text()) {
      characters += part.length
      yield part
    }
  }
  const request = { vocabSize: flags.vocab, specials: flags.special, onProgress: progress.show }
  const tokenizer = await (trainers[flags.model] as Trainer)(counted(), request, flags)
  progress.end()
  await saveTokenizer(flags.output, tokenizer)
  const seconds = (performance.now() - started) / 1000
  const { vocabSize } = tokenizer
  if (flags.json)
    console.log(JSON.stringify({ output: flags.output, model: flags.model, vocabSize, characters, seconds }))
  else {
    const fewer = vocabSize < flags.vocab ? ` (${flags.vocab.toLocaleString('en')} asked: the text has no more)` : ''
    console.log(
      `${flags.output}: ${vocabSize.toLocaleString('en')} tokens${fewer} from ${characters.toLocaleString('en')} characters in ${seconds.toFixed(1)} s`,
    )
  }
}

/** One line that is redrawn, on a terminal; nothing elsewhere. */
function progressOn(output: NodeJS.WriteStream) {
  const live = isLive(output)
  let shown = 0
  return {
    show({ stage, done, total }: { stage: string; done: number; total?: number }): void {
      const now = performance.now()
      if (!live || now - shown < 80) return
      shown = now
      const share = total === undefined ? done.toLocaleString('en') : `${Math.floor((100 * done) / total)} %`
      output.write(`\r${stage} ${share}\x1b[K`)
    },
    end: () => live && output.write('\r\x1b[K'),
  }
}
