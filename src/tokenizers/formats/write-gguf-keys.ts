import { ConfigError } from '../../base/index.ts'
import { pieceTypes, type SentencePieceFile, sentencePieceModels } from '../../formats/index.ts'
import type { BpeModel } from '../models/bpe/bpe-options.ts'
import { pieces as namedPieces } from '../pieces/scanners/pieces.ts'
import type { Model } from '../stages.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { continuing, key, preNames, shown, wordMark } from './gguf-names.ts'
import { sentencePieceEntries } from './sentencepiece/file.ts'
import { sentencePieceOfBpe } from './sentencepiece/from-bpe.ts'

export interface GgufTokenizerOptions {
  /** The name that llama.cpp has for what cuts text into pieces; known without saying for well-known ones. */
  readonly pre?: string
  readonly chatTemplate?: string
  /** Names of tokens for these roles; where nothing is said `<s>`, `</s>`, `<unk>` and `<pad>` if they are there. */
  readonly begin?: string
  readonly end?: string
  readonly unknown?: string
  readonly padding?: string
  readonly addBegin?: boolean
  readonly addEnd?: boolean
}

/**
 * The keys that say in a GGUF file what a tokenizer is: {@link readGgufTokenizer} backwards.
 *
 * @throws ConfigError for a tokenizer that GGUF has no keys for, or a role that no token has
 *
 * @example
 * ggufTokenizerKeys(bpe({ merges: [] }), { pre: 'gpt-2' }).get('tokenizer.ggml.model') // 'gpt2'
 */
export function ggufTokenizerKeys(from: Tokenizer, options: GgufTokenizerOptions = {}): Map<string, unknown> {
  const { model, addedTokens = [], preTokenizer } = from.parts
  const file = sentencePieceEntries(model) ?? sentencePieceOfBpe(from)
  const tokens: string[] = []
  const types = new Int32Array(from.vocabSize)
  for (let id = 0; id < from.vocabSize; id++) {
    const token = from.tokenOf(id)
    tokens.push(token ?? `[PAD${id}]`)
    types[id] = token === undefined ? pieceTypes.unused : (file?.pieces?.[id]?.type ?? pieceTypes.normal)
  }
  for (const { content, special } of addedTokens) {
    const id = from.idOf(content)
    if (id !== undefined && types[id] === pieceTypes.normal)
      types[id] = special ? pieceTypes.control : pieceTypes.userDefined
  }
  const keys = new Map<string, unknown>()
  const put = (name: string, value: unknown): void => {
    if (value !== undefined) keys.set(key(name), value)
  }
  if (file !== undefined) putSentencePiece(put, file, from.vocabSize)
  else if (model.byteLevel) {
    if (from.parts.normalizer !== undefined) {
      const { type } = from.parts.normalizer.json
      throw new ConfigError(`gguf: llama.cpp does not change text before it cuts it, but this tokenizer does (${type})`)
    }
    const pre = options.pre ?? preOf(JSON.stringify(preTokenizer?.json))
    if (pre === undefined) {
      throw new ConfigError('gguf: llama.cpp has no known name for how this tokenizer cuts text; give it as pre')
    }
    put('model', 'gpt2')
    put('pre', pre)
    put(
      'merges',
      (model as BpeModel).merges().map(([a, b]) => `${tokens[a]} ${tokens[b]}`),
    )
  } else if (isWordPiece(model)) {
    put('model', 'bert')
    tokens.forEach((token, id) => {
      if (/^\[.*\]$/.test(token)) types[id] = pieceTypes.control
      else tokens[id] = token.startsWith(continuing) ? token.slice(continuing.length) : wordMark + token
    })
  } else throw new ConfigError(`gguf: there are no keys for a tokenizer of ${shown(model.toJson().type)}`)
  put('tokens', tokens)
  put('token_type', types)
  put('bos_token_id', roleId(from, options.begin, '<s>'))
  put('eos_token_id', roleId(from, options.end, '</s>'))
  put('unknown_token_id', roleId(from, options.unknown, '<unk>'))
  put('padding_token_id', roleId(from, options.padding, '<pad>'))
  put('add_bos_token', options.addBegin)
  put('add_eos_token', options.addEnd)
  if (options.chatTemplate !== undefined) keys.set('tokenizer.chat_template', options.chatTemplate)
  return keys
}

function putSentencePiece(put: (name: string, value: unknown) => void, file: SentencePieceFile, size: number): void {
  const { trainer = {}, normalizer = {}, pieces = [] } = file
  const modelType = trainer.modelType ?? sentencePieceModels.unigram
  if (modelType !== sentencePieceModels.bpe && modelType !== sentencePieceModels.unigram) {
    throw new ConfigError('gguf: there are no keys for SentencePiece models of words or characters')
  }
  put('model', modelType === sentencePieceModels.bpe ? 'llama' : 't5')
  put('pre', 'default')
  put(
    'scores',
    Float32Array.from({ length: size }, (_, id) => pieces[id]?.score ?? 0),
  )
  put('add_space_prefix', normalizer.addDummyPrefix ?? true)
  put('remove_extra_whitespaces', normalizer.removeExtraWhitespaces ?? true)
  if (normalizer.charsmap?.length) put('precompiled_charsmap', normalizer.charsmap)
}

const isWordPiece = (model: Model): boolean => model.toJson().type === 'WordPiece'

function preOf(json: string | undefined): string | undefined {
  return Object.keys(preNames).find((name) => JSON.stringify(namedPieces(preNames[name]).json) === json)
}

function roleId(from: Tokenizer, name: string | undefined, usual: string): number | undefined {
  const id = from.idOf(name ?? usual)
  if (id === undefined && name !== undefined) throw new ConfigError(`gguf: there is no token ${shown(name)}`)
  return id
}
