import { ConfigError, concatenated } from '../base/index.ts'
import { splitTail, type TokenSource, tokenSource, type World } from '../data/index.ts'
import type { ModelSource } from '../node/index.ts'
import { readTokenizerJson, type Tokenizer } from '../tokenizers/index.ts'
import { END_OF_TEXT, filesCorpus, worldCorpus, worldOf } from './corpus.ts'
import { openPreparedFolder } from './prepared-folder.ts'
import type { RunSettings } from './run-settings.ts'

/** Tokens for a model to be calibrated with, and others to measure it on. */
export interface QuantizeTokens {
  readonly title: string
  readonly calibration: TokenSource
  readonly heldOut: TokenSource
}

/** Characters of text that are read at most: more than any calibration asks for. */
const MOST_CHARACTERS = 2e7

/** Documents of the invented world that no run trains on begin here. */
const UNSEEN_DOCUMENTS = 1e6
const WORLD_DOCUMENTS = 20000

/**
 * @param asked files of text, or one folder of token shards; without them documents of the invented world that no run reads
 * @throws ConfigError when shards are those of another tokenizer, or text is given for a model without one
 */
export async function quantizeTokens(source: ModelSource, asked: RunSettings['corpus']): Promise<QuantizeTokens> {
  const names = asked.data
  const tokenizer = source.tokenizerText === undefined ? undefined : readTokenizerJson(source.tokenizerText)
  const prepared = names && (await openPreparedFolder(names))
  if (prepared !== undefined) {
    if (tokenizer !== undefined && tokenizer.definition() !== prepared.tokenizer.definition()) {
      throw new ConfigError(
        `${prepared.path}: these shards were made with another tokenizer than that of ${source.path}`,
      )
    }
    if (prepared.index.vocabSize > source.model.vocabSize) {
      throw new ConfigError(
        `${prepared.path} has ids below ${prepared.index.vocabSize}, but the model knows ${source.model.vocabSize}`,
      )
    }
    const { train, validation } = prepared
    const parts = validation ? { train, validation } : splitTail(train, { fraction: 0.1, atLeast: 2 })
    return { title: prepared.path, calibration: parts.train, heldOut: parts.validation }
  }
  if (tokenizer === undefined) {
    throw new ConfigError(`${source.path} has no tokenizer, so text says nothing to it: give token shards with --data`)
  }
  const corpus = names ? await filesCorpus(names) : unseenWorld(asked)
  const ids = await encoded(corpus.documents, tokenizer)
  const { train, validation } = splitTail(tokenSource(ids), { fraction: names ? 0.1 : 0.3, atLeast: 2 })
  return { title: corpus.title, calibration: train, heldOut: validation }
}

function unseenWorld(corpus: RunSettings['corpus']) {
  const known = worldOf(corpus)
  const shifted: World = { ...known, document: (i) => known.document(UNSEEN_DOCUMENTS + i) }
  return worldCorpus(shifted, WORLD_DOCUMENTS)
}

async function encoded(documents: AsyncIterable<{ text: string }>, tokenizer: Tokenizer): Promise<Uint32Array> {
  const end = tokenizer.specials.get(END_OF_TEXT)
  const parts: Uint32Array[] = []
  let characters = 0
  for await (const { text } of documents) {
    parts.push(tokenizer.encode(text), end === undefined ? new Uint32Array() : Uint32Array.of(end))
    if ((characters += text.length) > MOST_CHARACTERS) break
  }
  return concatenated(Uint32Array, parts)
}
