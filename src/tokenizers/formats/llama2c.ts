import { ConfigError } from '../../base/index.ts'
import { pieceTypes, readLlama2cTokens, sentencePieceModels, writeLlama2cTokens } from '../../formats/index.ts'
import { tokenizer } from '../assemble.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { sentencePieceEntries, sentencePieceParts } from './sentencepiece/file.ts'
import { sentencePieceOfBpe } from './sentencepiece/from-bpe.ts'
import { spaceSymbol } from './sentencepiece/normalizer.ts'

/** The first three tokens; llama2.c knows them by their ids. */
const named = ['<unk>', '<s>', '</s>']
const bytePiece = /^<0x[0-9A-Fa-f]{2}>$/

/**
 * The tokenizer in a tokenizer.bin of llama2.c: a SentencePiece BPE whose first tokens are unknown, begin and end.
 *
 * @throws FormatError for bytes that are no such file, or tokens that are no such tokenizer
 *
 * @example
 * const encode = (text) => new TextEncoder().encode(text)
 * const texts = ['<unk>', '\n<s>\n', '\n</s>\n', ' ', 'a', ' a']
 * const bytes = writeLlama2cTokens(texts.map((text, i) => ({ bytes: encode(text), score: -i })))
 * readLlama2cTokenizer(bytes).encode('a a') // [5, 5]
 */
export function readLlama2cTokenizer(bytes: Uint8Array, file = 'tokenizer.bin'): Tokenizer {
  const decoder = new TextDecoder()
  const pieces = readLlama2cTokens(bytes, file).map(({ bytes, score }, id) => {
    const piece = named[id] ?? decoder.decode(bytes).replaceAll(' ', spaceSymbol)
    return { piece, score, type: typeOf(piece, id) }
  })
  const byteFallback = pieces.some(({ type }) => type === pieceTypes.byte)
  return tokenizer(
    sentencePieceParts(
      {
        pieces,
        trainer: { modelType: sentencePieceModels.bpe, byteFallback },
        normalizer: { addDummyPrefix: true, removeExtraWhitespaces: false },
      },
      { file },
    ),
  )
}

function typeOf(piece: string, id: number): number {
  if (id === 0) return pieceTypes.unknown
  if (id < named.length) return pieceTypes.control
  return bytePiece.test(piece) ? pieceTypes.byte : pieceTypes.normal
}

/**
 * The tokenizer.bin of a tokenizer: {@link readLlama2cTokenizer} backwards.
 *
 * @param vocabSize tokens that the model has; missing ones are written without bytes
 * @throws ConfigError for a tokenizer that is no SentencePiece BPE with these first tokens
 *
 * @example
 * const pieces = [['<unk>', 2], ['<s>', 3], ['</s>', 3], ['▁', 1], ['a', 1], ['▁a', 1]]
 * const trainer = { modelType: sentencePieceModels.bpe }
 * const from = tokenizer(sentencePieceParts({ pieces: pieces.map(([piece, type]) => ({ piece, type })), trainer }))
 * readLlama2cTokenizer(writeLlama2cTokenizer(from)).vocabSize // 6
 */
export function writeLlama2cTokenizer(from: Tokenizer, vocabSize = from.vocabSize): Uint8Array {
  const file = sentencePieceEntries(from.parts.model) ?? sentencePieceOfBpe(from)
  if (file === undefined || file.trainer?.modelType !== sentencePieceModels.bpe) {
    throw new ConfigError(
      'tokenizer.bin: only BPE of SentencePiece can be written: llama2.c merges by the scores of tokens',
    )
  }
  const pieces = file.pieces ?? []
  for (const [id, name] of named.entries()) {
    if (pieces[id]?.piece === name) continue
    throw new ConfigError(`tokenizer.bin: token ${id} must be ${name}, got ${JSON.stringify(pieces[id]?.piece)}`)
  }
  const encoder = new TextEncoder()
  const tokens = Array.from({ length: vocabSize }, (_, id) => {
    const { piece = '', score = 0 } = pieces[id] ?? {}
    const text = id === 1 || id === 2 ? `\n${piece}\n` : piece.replaceAll(spaceSymbol, ' ')
    return { bytes: encoder.encode(text), score }
  })
  return writeLlama2cTokens(tokens)
}
