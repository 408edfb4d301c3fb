import { join } from 'node:path'
import { ConfigError, DataError, quantity } from '../base/index.ts'
import {
  type Document,
  type Documents,
  encodeToShards,
  openShards,
  plainText,
  type ShardIndex,
  type StageReport,
  sha256,
  splitTail,
  type TokenSource,
  type World,
  world,
} from '../data/index.ts'
import { fileFolder } from '../node/index.ts'
import { openSources } from '../node/prepare/index.ts'
import { readTokenizerJson, type Tokenizer, trainBpe, writeTokenizerJson } from '../tokenizers/index.ts'
import type { PreparedFolder } from './prepared-folder.ts'
import type { RunSettings } from './run-settings.ts'

/** The special token after every document. */
export const END_OF_TEXT = '<|endoftext|>'

/** Text to train on, and how the same text is known again. */
export interface Corpus {
  /** Equal descriptions mean equal text. */
  readonly source: string
  /** In words, for a person. */
  readonly title: string
  readonly documents: Documents
  /** What was left out of it so far, and why. */
  reports?(): StageReport[]
  /** The least loss in nats per document that any model can have on average, where it is known. */
  readonly entropyNatsPerDocument?: number
}

/** Files and folders, and whatever else can be named. */
export async function filesCorpus(names: readonly string[]): Promise<Corpus> {
  const sources = await openSources(names)
  return { source: sources.description, title: names.join(', '), documents: sources, reports: sources.reports }
}

/** The invented world that settings describe. */
export function worldOf({ world: seed, families, villages }: Omit<RunSettings['corpus'], 'data' | 'documents'>): World {
  return world({ seed, families, villages })
}

/** The first `documents` documents of a synthetic world. */
export function worldCorpus(world: World, documents: number): Corpus {
  return {
    // The entropy tells worlds of other sizes, and of other versions of the grammar, apart.
    source: `world seed ${world.seed}, ${world.entropyNatsPerDocument} nats, ${documents} documents`,
    title: `${documents.toLocaleString('en')} stories and answers of a small invented world, in English and Kazakh`,
    entropyNatsPerDocument: world.entropyNatsPerDocument,
    documents: {
      async *[Symbol.asyncIterator](): AsyncGenerator<Document> {
        for (let i = 0; i < documents; i++) {
          yield { id: `world ${i}`, text: world.document(i).text, source: 'world', meta: {} }
        }
      },
    },
  }
}

/** What a training run reads. */
export interface PreparedTokens {
  readonly tokenizer: Tokenizer
  readonly tokenizerJson: string
  readonly train: TokenSource
  readonly validation: TokenSource
  readonly index: ShardIndex
  /** Names the tokens: equal names mean equal tokens. */
  readonly name: string
  /** Whether the tokenizer and the tokens were there already. */
  readonly reused: { readonly tokenizer: boolean; readonly tokens: boolean }
  /** The least possible loss in nats a token, where it is known. */
  readonly entropyNatsPerToken?: number
  /** What was left out, and why; undefined when the tokens were there already. */
  readonly reports?: readonly StageReport[]
}

export interface PrepareOptions {
  readonly corpus: Corpus
  /** Where tokenizers and shards are kept. */
  readonly cache: string
  readonly vocabSize: number
  /** Tokens of a row; each side of the split holds at least one row. */
  readonly tokens: number
  readonly onProgress?: (stage: 'tokenizer' | 'tokens', done: number) => void
}

/** A tokenizer is learned from this much text; more changes little and takes longer. */
const TOKENIZER_SAMPLE_CHARACTERS = 8e6

/** Learns a tokenizer and turns the corpus into token shards; what was made before from the same text is used again. */
export async function prepareTokens({
  corpus,
  cache,
  vocabSize,
  tokens,
  onProgress,
}: PrepareOptions): Promise<PreparedTokens> {
  const folder = fileFolder(cache)
  const file = `tokenizer-${await hash(`${corpus.source}\n${vocabSize}\n${TOKENIZER_SAMPLE_CHARACTERS}`)}.json`
  const known = await folder.size(file)
  let tokenizerJson: string
  if (known === undefined) {
    const trained = await trainBpe(
      sample(corpus, (done) => onProgress?.('tokenizer', done)),
      { vocabSize, specials: [END_OF_TEXT] },
    )
    tokenizerJson = writeTokenizerJson(trained)
    await folder.write(file, new TextEncoder().encode(tokenizerJson))
  } else {
    tokenizerJson = new TextDecoder().decode(await folder.read(file, 0, known))
  }
  const tokenizer = readTokenizerJson(tokenizerJson, join(cache, file))

  const { name, index, reused } = await encodeToShards(corpus.documents, tokenizer, folder, {
    source: corpus.source,
    separator: END_OF_TEXT,
    onProgress: (progress) => onProgress?.('tokens', progress.tokens),
  })
  const { train, validation } = splitTail(await openShards(folder, name), { fraction: 0.02, atLeast: tokens + 1 })
  const { documents, tokens: total } = index.splits.train
  return {
    tokenizer,
    tokenizerJson,
    train,
    validation,
    index,
    name,
    reused: { tokenizer: known !== undefined, tokens: reused },
    entropyNatsPerToken: corpus.entropyNatsPerDocument && (corpus.entropyNatsPerDocument * documents) / total,
    reports: reused ? undefined : corpus.reports?.(),
  }
}

/**
 * What `alippe data prepare` made, for training on it. Without validation documents the end of the tokens is set aside.
 *
 * @throws ConfigError when documents were packed into rows of another number of tokens
 */
export async function folderTokens(folder: PreparedFolder, tokens: number): Promise<PreparedTokens> {
  const { path, index, tokenizer, tokenizerJson, train, validation } = folder
  const { rowTokens } = index
  if (rowTokens !== undefined && rowTokens !== tokens + 1) {
    throw new ConfigError(
      `--tokens is ${tokens}, but the documents of ${path} are packed into rows of ${rowTokens - 1}: leave --tokens out, or prepare them with --tokens ${tokens}`,
    )
  }
  const parts = validation
    ? { train, validation }
    : splitTail(train, { fraction: 0.02, atLeast: rowTokens ?? tokens + 1 })
  if (parts.train.length < tokens + 1) {
    throw new DataError(
      `${path} has ${parts.train.length} tokens to train on, fewer than a row of ${tokens}: shorten --tokens`,
    )
  }
  return {
    tokenizer,
    tokenizerJson,
    ...parts,
    index,
    name: index.key ?? (await hash(JSON.stringify(index))),
    reused: { tokenizer: true, tokens: true },
  }
}

/** One line a stage that is redrawn while it works; nothing when the output is no terminal. */
export function stageLine(): NonNullable<PrepareOptions['onProgress']> {
  if (!process.stdout.isTTY) return () => {}
  const words = { tokenizer: 'characters read for the tokenizer', tokens: 'tokens written' }
  let last = 0
  return (stage, done) => {
    if (performance.now() - last < 100) return
    last = performance.now()
    process.stdout.write(`\r${quantity(done)} ${words[stage]}\x1b[K\r`)
  }
}

async function* sample(corpus: Corpus, onProgress: (characters: number) => void): AsyncGenerator<string> {
  let characters = 0
  for await (const part of plainText(corpus.documents, '\n')) {
    yield part
    onProgress((characters += part.length))
    if (characters >= TOKENIZER_SAMPLE_CHARACTERS) return
  }
}

/** 12 hexadecimal digits that name a text. */
export async function hash(text: string): Promise<string> {
  return (await sha256(text)).slice(0, 12)
}
