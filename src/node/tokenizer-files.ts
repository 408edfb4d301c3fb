import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ConfigError, DataError } from '../base/index.ts'
import {
  readSentencePiece,
  readVocabMerges,
  readVocabTxt,
  writeSentencePiece,
  writeVocabTxt,
} from '../tokenizers/formats/index.ts'
import {
  type PatternName,
  pieces,
  readTiktoken,
  readTokenizerFolder,
  type Tokenizer,
  writeTiktoken,
  writeTokenizerJson,
} from '../tokenizers/index.ts'
import { fileError, writeAtomically } from './files.ts'

/** Files of a Hugging Face folder that say what a tokenizer does. */
const folderFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
] as const

/**
 * A tokenizer from a file or from the folder it lies in: tokenizer.json (with its companions), `*.tiktoken`, SentencePiece
 * `*.model`, vocab.json with merges.txt, or BERT's vocab.txt.
 *
 * @param options.pieces what cuts the text, for a `*.tiktoken` file whose name is not that of an encoding
 * @throws DataError when the path holds none; FileError when it cannot be read; FormatError as its reader says
 *
 * @example
 * await saveTokenizer('tokenizer.json', bpe({ merges: [[71, 72]] }))
 * const same = await openTokenizer('tokenizer.json')
 * same.encode('hi') // [256]
 */
export async function openTokenizer(path: string, options: { pieces?: PatternName } = {}): Promise<Tokenizer> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (error) => {
      throw fileError('read', path, error)
    },
  )
  const file = isFolder ? await tokenizerIn(path) : path
  const name = basename(file)
  if (name.endsWith('.tiktoken')) {
    return readTiktoken(await bytesOf(file), { file, pieces: options.pieces && pieces(options.pieces) })
  }
  if (name.endsWith('.model')) return readSentencePiece(await bytesOf(file), { file })
  if (name.endsWith('.txt') && name !== 'merges.txt') return readVocabTxt(await textOf(file), { file })
  if (name === 'merges.txt' || name === 'vocab.json') {
    const folder = dirname(file)
    return readVocabMerges(await textOf(join(folder, 'vocab.json')), await textOf(join(folder, 'merges.txt')))
  }
  if (!name.endsWith('.json')) {
    throw new ConfigError(`${path}: not the name of a tokenizer: expected *.json, *.tiktoken, *.model or vocab.txt`)
  }
  const texts: Record<string, string> = {}
  const others = await readdir(dirname(file))
  for (const other of folderFiles) if (others.includes(other)) texts[other] = await textOf(join(dirname(file), other))
  return readTokenizerFolder({ ...texts, 'tokenizer.json': await textOf(file) }, file).tokenizer
}

/** The file that holds a folder's tokenizer; of several the one that says most. */
async function tokenizerIn(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort()
  const found =
    names.find((name) => name === 'tokenizer.json') ??
    names.find((name) => name === 'vocab.json' && names.includes('merges.txt')) ??
    names.find((name) => name.endsWith('.tiktoken') || name.endsWith('.model')) ??
    names.find((name) => name === 'vocab.txt')
  if (found === undefined) {
    throw new DataError(`${folder}: no tokenizer here: expected tokenizer.json, *.tiktoken, *.model or vocab.txt`)
  }
  return join(folder, found)
}

/**
 * Writes a tokenizer in the form that the name of the file asks for: `*.json`, `*.tiktoken`, `*.model`, `*.txt`
 * (BERT's list of words), or, for a name without an extension, a folder with tokenizer.json.
 *
 * @throws ConfigError when the tokenizer cannot be written in that form
 */
export async function saveTokenizer(path: string, tokenizer: Tokenizer): Promise<void> {
  const extension = /\.[a-z]+$/.exec(path)?.[0] ?? ''
  const write = writers[extension]
  if (write === undefined) {
    throw new ConfigError(
      `${path}: a tokenizer can be written as ${Object.keys(writers).filter(Boolean).join(', ')} or a folder`,
    )
  }
  const contents = write(tokenizer)
  const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents
  if (extension !== '') return writeAtomically(path, bytes)
  await mkdir(path, { recursive: true }).catch((error) => {
    throw fileError('make the folder', path, error)
  })
  await writeAtomically(join(path, 'tokenizer.json'), bytes)
}

const writers: Readonly<Record<string, (tokenizer: Tokenizer) => string | Uint8Array>> = {
  '': writeTokenizerJson,
  '.json': writeTokenizerJson,
  '.tiktoken': writeTiktoken,
  '.model': writeSentencePiece,
  '.txt': writeVocabTxt,
}

const bytesOf = (file: string): Promise<Uint8Array> =>
  readFile(file).catch((error) => {
    throw fileError('read', file, error)
  })

const textOf = async (file: string): Promise<string> => new TextDecoder().decode(await bytesOf(file))
