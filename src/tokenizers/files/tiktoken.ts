import { AlippeError, ConfigError, FormatError } from '../../base/index.ts'
import { tokenizer } from '../assemble.ts'
import { charactersToBytes } from '../byte-alphabet.ts'
import { byteLevelDecoder } from '../decoders/byte-level.ts'
import { rankBpe } from '../models/bpe/rank-bpe.ts'
import type { PatternName } from '../pieces/scanners/patterns.ts'
import { pieces } from '../pieces/scanners/pieces.ts'
import type { PreTokenizer } from '../stages.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { readRanks } from './tiktoken-ranks.ts'

/** Encodings that tiktoken knows by name. */
export type TiktokenName = keyof typeof encodings

const endOfText = '<|endoftext|>'
const fillInTheMiddle = ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>']

const encodings = {
  gpt2: named('gpt2', { [endOfText]: 50256 }),
  r50k_base: named('gpt2', { [endOfText]: 50256 }),
  p50k_base: named('gpt2', { [endOfText]: 50256 }),
  p50k_edit: named('gpt2', { [endOfText]: 50256, ...numbered(fillInTheMiddle, 50281) }),
  cl100k_base: named('cl100k', {
    [endOfText]: 100257,
    ...numbered(fillInTheMiddle, 100258),
    '<|endofprompt|>': 100276,
  }),
  o200k_base: named('o200k', { [endOfText]: 199999, '<|endofprompt|>': 200018 }),
}

function named(pattern: PatternName, specials: Readonly<Record<string, number>>) {
  return { pattern, specials }
}

function numbered(names: readonly string[], first: number): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, first + i]))
}

export interface TiktokenOptions {
  /**
   * A named encoding, which brings its special tokens, or what cuts text into pieces; rank files do not say. Unless given,
   * the name of the file must be that of an encoding.
   */
  readonly pieces?: TiktokenName | PreTokenizer
  /** Ids of special tokens; those of a named encoding unless said. */
  readonly specials?: Readonly<Record<string, number>> | ReadonlyMap<string, number>
  /** How messages name the file. */
  readonly file?: string
}

/**
 * A tokenizer from a tiktoken rank file: on each line the bytes of a token in base64, a space, and its rank.
 *
 * @throws FormatError with the line that is wrong, or the byte that has no token
 * @throws ConfigError for an encoding that has no such name, or special tokens whose ids are taken
 * Cost: one pass over the file; nothing is made for each token until it is asked for.
 *
 * @example
 * const t = readTiktoken(writeTiktoken(bpe({ merges: [[71, 72]] })), { pieces: 'r50k_base', specials: {} })
 * t.encode('hi') // [256]
 */
export function readTiktoken(ranks: Uint8Array | string, options: TiktokenOptions): Tokenizer {
  const { file = 'tiktoken file', pieces: cuts = /[^/\\]*?(?=\.tiktoken$|$)/.exec(file)![0] } = options
  const encoding = typeof cuts === 'string' ? encodingOf(cuts) : undefined
  const specials = options.specials ?? encoding?.specials ?? {}
  const tokens = readRanks(typeof ranks === 'string' ? new TextEncoder().encode(ranks) : ranks, file)
  return tokenizer({
    model: madeOf(file, () => rankBpe(tokens)),
    preTokenizer: encoding ? pieces(encoding.pattern) : (cuts as PreTokenizer),
    decoder: byteLevelDecoder({ addPrefixSpace: false }),
    addedTokens: [...(specials instanceof Map ? specials : Object.entries(specials))].map(([content, id]) => ({
      content,
      id,
      special: true,
    })),
  })
}

/**
 * The rank file of a byte-level BPE tokenizer. It holds neither the special tokens nor what cuts the text.
 *
 * tiktoken merges by the bytes of tokens, so the file encodes alike where ids rise in the order of merges, and every two
 * tokens whose bytes together are a token merge; so it is for what {@link trainBpe} learns, but for rare texts.
 *
 * @throws ConfigError when the model is not over bytes
 *
 * @example
 * writeTiktoken(bpe({ merges: [[71, 72]] })).split('\n')[256] // 'aGk= 256'
 */
export function writeTiktoken({ parts: { model } }: Pick<Tokenizer, 'parts'>): string {
  if (!model.byteLevel) throw new ConfigError('writeTiktoken: a rank file can only hold a byte-level BPE model')
  const lines: string[] = []
  for (let id = 0; id < model.vocabSize; id++) {
    const token = model.tokenOf(id)
    const bytes = token && charactersToBytes(token)
    if (bytes) lines.push(`${btoa(String.fromCharCode(...bytes))} ${id}\n`)
  }
  return lines.join('')
}

function encodingOf(name: string) {
  if (Object.hasOwn(encodings, name)) return encodings[name as TiktokenName]
  const names = Object.keys(encodings).join(', ')
  throw new ConfigError(`readTiktoken: ${JSON.stringify(name)} is no encoding; give pieces, or one of ${names}`)
}

function madeOf<T>(file: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof AlippeError) throw new FormatError(`${file}: ${error.message}`, { cause: error })
    throw error
  }
}
