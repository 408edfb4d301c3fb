import { ConfigError, FormatError } from '../../base/index.ts'
import { pieceTypes, sentencePieceModels } from '../../formats/index.ts'
import { tokenizer } from '../assemble.ts'
import { byteLevelDecoder } from '../decoders/byte-level.ts'
import { wordPieceDecoder } from '../decoders/word-piece.ts'
import { bpeModel } from '../models/bpe/bpe-model.ts'
import { wordPieceModel } from '../models/word-piece.ts'
import { bertNormalizer } from '../normalizers/bert.ts'
import { bertPreTokenizer } from '../pieces/bert.ts'
import { pieces as namedPieces } from '../pieces/scanners/pieces.ts'
import { templateProcessor } from '../post-processors/template.ts'
import type { Tokenizer, TokenizerParts } from '../tokenizer.ts'
import { continuing, key, preNames, shown, wordMark } from './gguf-names.ts'
import { sentencePieceParts } from './sentencepiece/file.ts'

/** What a GGUF file says about its tokenizer beside the tokenizer itself. */
export interface GgufTokenizer {
  readonly tokenizer: Tokenizer
  readonly beginId?: number
  readonly endId?: number
  readonly unknownId?: number
  readonly paddingId?: number
  /** Whether texts begin and end with these tokens. The tokenizer's post-processor does so too. */
  readonly addBegin: boolean
  readonly addEnd: boolean
  readonly chatTemplate?: string
}

/**
 * The tokenizer in the metadata of a GGUF file: `tokenizer.ggml.model` gpt2 (byte-level BPE), llama (SentencePiece BPE),
 * t5 (Unigram) or bert (WordPiece).
 *
 * @param metadata keys and values; lists are arrays or typed arrays
 * @param file how errors name the file
 * @throws FormatError with the key that is missing, wrong, or names what is not known
 *
 * @example
 * const keys = ggufTokenizerKeys(bpe({ merges: [[71, 72]] }), { pre: 'gpt-2' })
 * readGgufTokenizer(keys).tokenizer.encode('hi') // [256]
 */
export function readGgufTokenizer(metadata: ReadonlyMap<string, unknown>, file = 'gguf'): GgufTokenizer {
  const fail = (name: string, reason: string): never => {
    throw new FormatError(`${file}: ${name}: ${reason}`)
  }
  const read = fields(metadata, fail)
  const tokens = read.list('tokens', (token) => typeof token === 'string') as readonly string[] | undefined
  if (tokens === undefined || tokens.length === 0) return fail(key('tokens'), 'is missing or empty')
  const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
  const types = read.list('token_type', isNumber, tokens.length) as ArrayLike<number> | undefined
  const scores = read.list('scores', isNumber, tokens.length) as ArrayLike<number> | undefined
  const typeOf = (id: number): number => types?.[id] ?? pieceTypes.normal
  const kind = metadata.get(key('model'))

  const ids = {
    beginId: read.id('bos_token_id', tokens.length),
    endId: read.id('eos_token_id', tokens.length),
    unknownId: read.id('unknown_token_id', tokens.length),
    paddingId: read.id('padding_token_id', tokens.length),
  }
  const entries = tokens.map((content, id) => ({ content, id, special: true, type: typeOf(id) }))
  const control = entries.filter(({ type }) => type === pieceTypes.control || type === pieceTypes.unknown)
  const userDefined = entries
    .filter(({ type }) => type === pieceTypes.userDefined)
    .map((token) => ({ ...token, special: false, normalized: false }))

  const makers: Record<string, () => TokenizerParts> = {
    gpt2() {
      const pre = metadata.get(key('pre'))
      const name = typeof pre === 'string' && Object.hasOwn(preNames, pre) ? preNames[pre] : undefined
      if (name === undefined) {
        return fail(key('pre'), `${shown(pre)} is not known; known are ${Object.keys(preNames).join(', ')}`)
      }
      const added = new Set([...control, ...userDefined].map(({ id }) => id))
      const vocab = new Map(entries.filter(({ id, type }) => !added.has(id) && type !== pieceTypes.unused).map(spelled))
      const lines = (read.list('merges', (merge) => typeof merge === 'string') ?? []) as readonly string[]
      const merges = lines.map((line, i): [string, string] => {
        const parts = line.split(' ')
        if (parts.length !== 2) return fail(`${key('merges')}[${i}]`, `${shown(line)} is not two tokens`)
        return [parts[0], parts[1]]
      })
      return {
        model: bpeModel({ vocab, merges, byteLevel: true }),
        preTokenizer: namedPieces(name),
        decoder: byteLevelDecoder(),
        addedTokens: [...control, ...userDefined],
      }
    },
    llama: () => sentencePiece(sentencePieceModels.bpe),
    t5: () => sentencePiece(sentencePieceModels.unigram),
    bert() {
      const spell = (token: string): string => {
        if (/^\[.*\]$/.test(token)) return token
        return token.startsWith(wordMark) ? token.slice(wordMark.length) : continuing + token
      }
      const unknown = ids.unknownId === undefined ? '[UNK]' : tokens[ids.unknownId]
      return {
        normalizer: bertNormalizer(),
        preTokenizer: bertPreTokenizer(),
        model: wordPieceModel({ vocab: new Map(tokens.map((token, id) => [spell(token), id])), unknown }),
        decoder: wordPieceDecoder(),
        addedTokens: entries.filter(({ content, type }) => type === pieceTypes.control || /^\[.*\]$/.test(content)),
      }
    },
  }
  function sentencePiece(modelType: number): TokenizerParts {
    if (scores === undefined) return fail(key('scores'), 'is missing')
    const charsmap = read.list('precompiled_charsmap', isNumber) as ArrayLike<number> | undefined
    const hasUnknown = entries.some(({ type }) => type === pieceTypes.unknown)
    return sentencePieceParts(
      {
        pieces: entries.map(({ content, id, type }) => ({
          piece: content,
          score: scores[id],
          type: !hasUnknown && id === (ids.unknownId ?? 0) ? pieceTypes.unknown : type,
        })),
        trainer: { modelType, byteFallback: entries.some(({ type }) => type === pieceTypes.byte) },
        normalizer: {
          charsmap: charsmap && Uint8Array.from(charsmap),
          addDummyPrefix: read.flag('add_space_prefix') ?? true,
          removeExtraWhitespaces: read.flag('remove_extra_whitespaces') ?? modelType === sentencePieceModels.unigram,
        },
      },
      { file: `${file}: ${key('tokens')}` },
    )
  }

  if (typeof kind !== 'string' || !Object.hasOwn(makers, kind)) {
    return fail(key('model'), `${shown(kind)} is not known; known are ${Object.keys(makers).join(', ')}`)
  }
  const addBegin = read.flag('add_bos_token') ?? kind === 'llama'
  const addEnd = read.flag('add_eos_token') ?? kind === 't5'
  const chatTemplate = metadata.get('tokenizer.chat_template')
  try {
    const parts = makers[kind]()
    const around = { begin: addBegin ? ids.beginId : undefined, end: addEnd ? ids.endId : undefined }
    return {
      tokenizer: tokenizer({ ...parts, postProcessor: addsAround(tokens, around) }),
      ...ids,
      addBegin,
      addEnd,
      chatTemplate: typeof chatTemplate === 'string' ? chatTemplate : undefined,
    }
  } catch (error) {
    if (error instanceof ConfigError) throw new FormatError(`${file}: tokenizer: ${error.message}`, { cause: error })
    throw error
  }
}

const spelled = ({ content, id }: { content: string; id: number }): [string, number] => [content, id]

/** Typed reading of keys. */
function fields(metadata: ReadonlyMap<string, unknown>, fail: (name: string, reason: string) => never) {
  return {
    list(name: string, isElement: (value: unknown) => boolean, length?: number): ArrayLike<unknown> | undefined {
      const value = metadata.get(key(name))
      if (value === undefined) return undefined
      if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return fail(key(name), 'expected a list')
      const list = value as unknown as ArrayLike<unknown>
      if (length !== undefined && list.length !== length) {
        return fail(key(name), `has ${list.length} entries, but there are ${length} tokens`)
      }
      for (let i = 0; i < list.length; i++)
        if (!isElement(list[i])) fail(`${key(name)}[${i}]`, `${shown(list[i])} is wrong`)
      return list
    },
    id(name: string, limit: number): number | undefined {
      const value = metadata.get(key(name))
      if (value === undefined) return undefined
      if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < limit) return value as number
      return fail(key(name), `${shown(value)} is no id below ${limit}`)
    },
    flag(name: string): boolean | undefined {
      const value = metadata.get(key(name))
      if (value === undefined || typeof value === 'boolean') return value
      return fail(key(name), `${shown(value)} is neither true nor false`)
    },
  }
}

function addsAround(tokens: readonly string[], { begin, end }: { begin?: number; end?: number }) {
  if (begin === undefined && end === undefined) return undefined
  const part = (id: number | undefined) => (id === undefined ? [] : [{ special: tokens[id] }])
  const around = (sequence: 'A' | 'B') => [...part(begin), { sequence }, ...part(end)]
  const ids = [begin, end].filter((id) => id !== undefined)
  return templateProcessor({
    single: around('A'),
    pair: [...around('A'), ...around('B')],
    specials: new Map(ids.map((id) => [tokens[id], { ids: [id], tokens: [tokens[id]] }])),
  })
}
