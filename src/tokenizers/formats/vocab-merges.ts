import { ConfigError, FormatError } from '../../base/index.ts'
import { parseJson } from '../../formats/index.ts'
import { tokenizer } from '../assemble.ts'
import { byteLevelDecoder } from '../decoders/byte-level.ts'
import { bpeModel } from '../models/bpe/bpe-model.ts'
import type { BpeModel } from '../models/bpe/bpe-options.ts'
import { highestId } from '../models/vocabulary.ts'
import { pieces } from '../pieces/scanners/pieces.ts'
import type { PreTokenizer } from '../stages.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { linesOf } from './lines.ts'

export interface ReadVocabMergesOptions {
  /** How messages name the files. Default `vocab.json` and `merges.txt`. */
  readonly files?: readonly [vocab: string, merges: string]
  /** Names of special tokens. Default: tokens of several bytes that no merge makes, which text can never become. */
  readonly specials?: readonly string[]
  /** Default: GPT-2's pieces, which RoBERTa has too. */
  readonly preTokenizer?: PreTokenizer
}

/**
 * Byte-level BPE from GPT-2's two files: ids by token as JSON, and merges, one on each line, in their order. The first
 * line of the merges may tell a version.
 *
 * @throws FormatError, with the character or the line, for what is not JSON, a token or an id that comes twice, a line
 *   that is not two tokens, tokens of merges that are not in the vocabulary, and a byte without a token
 * Source: Radford et al. 2019 (GPT-2), Liu et al. 2019 (RoBERTa).
 *
 * @example
 * const { vocab, merges } = writeVocabMerges(trainBpe('low lower lowest', { vocabSize: 260, specials: ['<|end|>'] }))
 * readVocabMerges(vocab, merges).specials.get('<|end|>') // 259
 */
export function readVocabMerges(
  vocabText: string,
  mergesText: string,
  options: ReadVocabMergesOptions = {},
): Tokenizer {
  const [vocabFile, mergesFile] = options.files ?? ['vocab.json', 'merges.txt']
  const vocab = readVocab(vocabText, vocabFile)
  const merges = readMerges(mergesText, mergesFile, vocab)
  const made = new Set(merges.map(([left, right]) => left + right))
  const isMade = (token: string) => token.length === 1 || made.has(token)
  const specials = options.specials ?? [...vocab.keys()].filter((token) => !isMade(token))
  try {
    return tokenizer({
      preTokenizer: options.preTokenizer ?? pieces('gpt2'),
      model: bpeModel({ vocab, merges, byteLevel: true }),
      decoder: byteLevelDecoder(),
      addedTokens: specials.map((content) => ({ content, special: true })),
    })
  } catch (error) {
    if (error instanceof ConfigError) throw new FormatError(`${vocabFile}: ${error.message}`, { cause: error })
    throw error
  }
}

function readVocab(text: string, file: string): Map<string, number> {
  const fail = (place: string, reason: string): never => {
    throw new FormatError(`${file}: ${place}: ${reason}`)
  }
  const root = parseJson(text, (at, reason) => fail(`character ${at}`, reason))
  if (!(root instanceof Map)) return fail('the whole', 'expected an object from token to id')
  const tokens = new Map<number, string>()
  for (const [token, id] of root) {
    const shown = shortened(token)
    if (token === '') fail(shown, 'expected a token')
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > highestId) {
      return fail(shown, `expected an id from 0 to ${highestId}, got ${typeof id === 'number' ? id : typeof id}`)
    }
    if (tokens.has(id)) fail(shown, `id ${id} is that of ${shortened(tokens.get(id)!)} already`)
    tokens.set(id, token)
  }
  return root as Map<string, number>
}

function readMerges(text: string, file: string, vocab: ReadonlyMap<string, number>): [left: string, right: string][] {
  const fail = (line: number, reason: string): never => {
    throw new FormatError(`${file}: line ${line}: ${reason}`)
  }
  const lines = linesOf(text, fail)
  const first = lines[0]?.startsWith('#version') ? 1 : 0
  return lines.slice(first).map((line, i) => {
    const parts = line.split(' ', 3)
    if (parts.length !== 2 || parts[0] === '' || parts[1] === '') {
      return fail(first + i + 1, `expected two tokens with a space between, got ${shortened(line)}`)
    }
    const [left, right] = parts
    for (const token of [left, right, left + right]) {
      if (!vocab.has(token)) fail(first + i + 1, `${shortened(token)} is not in the vocabulary`)
    }
    return [left, right]
  })
}

/**
 * The texts of vocab.json and merges.txt for a byte-level BPE tokenizer. How text is cut is not in them.
 *
 * @throws ConfigError when the model is another
 *
 * @example
 * writeVocabMerges(bpe({ merges: [[71, 72]] })).merges // '#version: 0.2\nh i\n'
 */
export function writeVocabMerges(tokenizer: Tokenizer): { vocab: string; merges: string } {
  const model = tokenizer.parts.model as Partial<BpeModel>
  if (!model.byteLevel || model.merges === undefined) {
    throw new ConfigError('vocab.json and merges.txt hold byte-level BPE, and this is another model')
  }
  const entries: string[] = []
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    const token = tokenizer.tokenOf(id)
    if (token !== undefined) entries.push(`${JSON.stringify(token)}:${id}`)
  }
  const merges = model.merges().map(([left, right]) => `${tokenizer.tokenOf(left)} ${tokenizer.tokenOf(right)}\n`)
  return { vocab: `{${entries.join(',')}}`, merges: `#version: 0.2\n${merges.join('')}` }
}

function shortened(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
