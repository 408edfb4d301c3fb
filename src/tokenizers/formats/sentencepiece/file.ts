import { ConfigError, FormatError } from '../../../base/index.ts'
import {
  pieceTypes,
  readSentencePieceFile,
  type SentencePieceEntry,
  type SentencePieceFile,
  sentencePieceModels,
  writeSentencePieceFile,
} from '../../../formats/index.ts'
import { tokenizer } from '../../assemble.ts'
import { byteOfPiece } from '../../models/byte-pieces.ts'
import type { Model } from '../../stages.ts'
import type { Tokenizer, TokenizerParts } from '../../tokenizer.ts'
import { sentencePieceDecoder } from './decoder.ts'
import { sentencePieceModel } from './model.ts'
import { sentencePieceNormalizer, spaceSymbol } from './normalizer.ts'

/** As in SentencePiece, where a file does not say. */
const unknownSurface = ' ⁇ '

export interface SentencePieceOptions {
  readonly file?: string
  readonly before02?: boolean
}

/**
 * A tokenizer from the bytes of a SentencePiece `.model`, of any of its four kinds. Ids, pieces, offsets and
 * decoded text are those of SentencePiece. Control pieces become special tokens.
 *
 * @param options.file how errors name the file
 * @param options.before02 Unigram: round as SentencePiece before 0.2, which cuts some texts otherwise that can be cut in
 *   equally good ways. Default false.
 * @throws FormatError with the place and the reason: cut off, a piece that is empty or comes twice, a score that is no
 *   number, none or two pieces for the unknown, bytes without pieces
 *
 * @example
 * const bytes = writeSentencePieceFile({
 *   pieces: [{ piece: '<unk>', type: pieceTypes.unknown }, { piece: '▁', score: -1 }, { piece: 'сә', score: -2 }],
 * })
 * readSentencePiece(bytes).encode('сә сә') // [1, 2, 1, 2]
 */
export function readSentencePiece(bytes: Uint8Array, options: SentencePieceOptions = {}): Tokenizer {
  return tokenizer(sentencePieceParts(readSentencePieceFile(bytes, options.file), options))
}

/**
 * The parts of a tokenizer from the entries of a `.model`.
 *
 * @param options as in {@link readSentencePiece}
 * @throws FormatError as {@link readSentencePiece}
 *
 * @example
 * const pieces = [{ piece: '<unk>', type: pieceTypes.unknown }, { piece: '▁a' }]
 * tokenizer(sentencePieceParts({ pieces })).decode([1, 1]) // 'a a'
 */
export function sentencePieceParts(entries: SentencePieceFile, options: SentencePieceOptions = {}): TokenizerParts {
  const { file = 'sentencepiece model', before02 = false } = options
  const { trainer = {}, normalizer: normalization = {}, denormalizer } = entries
  const pieces = requirePieces(entries, file)
  const named = (type: number): string[] => pieces.filter((entry) => entry.type === type).map(({ piece }) => piece)
  const whitespaceAsSuffix = trainer.whitespaceAsSuffix ?? false
  const modelType = trainer.modelType ?? sentencePieceModels.unigram
  const place = (name: string): string => `${file}: ${name}`
  const control = new Set(named(pieceTypes.control))
  return {
    normalizer: sentencePieceNormalizer(normalization, {
      whitespaceAsSuffix,
      kept: named(pieceTypes.userDefined),
      place: place('normalizer_spec'),
    }),
    model: Object.assign(
      sentencePieceModel(pieces, {
        modelType,
        byteFallback: trainer.byteFallback ?? false,
        sums: before02 ? 'late' : 'f32',
      }),
      { sentencePiece: entries },
    ),
    decoder: sentencePieceDecoder({
      isControl: (piece) => control.has(piece),
      byteOf: trainer.byteFallback ? byteOfPiece : () => -1,
      unknownPiece: named(pieceTypes.unknown)[0],
      unknownSurface: trainer.unknownSurface ?? unknownSurface,
      addDummyPrefix: normalization.addDummyPrefix ?? true,
      removeExtraWhitespaces: normalization.removeExtraWhitespaces ?? true,
      space: spaceSymbol,
      denormalizer: denormalizer?.charsmap?.length
        ? sentencePieceNormalizer(denormalizer, { place: place('denormalizer_spec') })
        : undefined,
    }),
    addedTokens: [...control].map((content) => ({ content, special: true })),
  }
}

/** The entries of the `.model` that a model was made from. */
export function sentencePieceEntries(model: Model): SentencePieceFile | undefined {
  return 'sentencePiece' in model ? (model.sentencePiece as SentencePieceFile) : undefined
}

/**
 * The bytes of a `.model`, of a tokenizer that was read from one or trained as one.
 *
 * @throws ConfigError for other tokenizers
 *
 * @example
 * const t = trainUnigram('бір екі бір екі үш', { vocabSize: 20 })
 * readSentencePiece(writeSentencePiece(t)).encode('екі бір').length === t.encode('екі бір').length // true
 */
export function writeSentencePiece(from: Tokenizer): Uint8Array {
  const entries = sentencePieceEntries(from.parts.model)
  if (entries === undefined) {
    throw new ConfigError(
      'writeSentencePiece: only tokenizers that came from a SentencePiece model can be written as one',
    )
  }
  return writeSentencePieceFile(entries)
}

type Piece = Required<Pick<SentencePieceEntry, 'piece' | 'score' | 'type'>>

/** Refuses what SentencePiece refuses, and scores that are no numbers. */
function requirePieces({ pieces = [], trainer = {} }: SentencePieceFile, file: string): Piece[] {
  const fail = (place: string, reason: string): never => {
    throw new FormatError(`${file}: ${place}: ${reason}`)
  }
  if (!Object.values(sentencePieceModels).includes((trainer.modelType ?? 1) as 1)) {
    fail('trainer_spec', `model type ${trainer.modelType} is not known`)
  }
  const texts = new Set<string>()
  const reserved = new Set<string>()
  const bytes = new Set<number>()
  let unknowns = 0
  const list = pieces.map(({ piece = '', score = 0, type = pieceTypes.normal }, id) => {
    const place = `piece ${id}`
    const shown = JSON.stringify(piece.slice(0, 40))
    if (piece === '') fail(place, 'is empty')
    if (!Number.isFinite(score)) fail(place, `the score of ${shown} is ${score}`)
    if (!Object.values(pieceTypes).includes(type as 1)) fail(place, `type ${type} of ${shown} is not known`)
    const isText = type === pieceTypes.normal || type === pieceTypes.userDefined || type === pieceTypes.unused
    const names = isText ? texts : reserved
    if (names.has(piece)) fail(place, `${shown} is there already`)
    names.add(piece)
    if (type === pieceTypes.unknown && unknowns++ > 0) fail(place, `${shown} is a second piece for the unknown`)
    if (type === pieceTypes.byte) {
      if (!trainer.byteFallback) fail(place, `${shown} stands for a byte, but byte_fallback is not set`)
      const byte = byteOfPiece(piece)
      if (byte < 0) fail(place, `${shown} stands for no byte`)
      bytes.add(byte)
    }
    return { piece, score, type }
  })
  if (unknowns === 0) fail('pieces', 'none stands for the unknown')
  if (trainer.byteFallback && bytes.size < 256) {
    fail('pieces', `byte_fallback is set, but only ${bytes.size} of 256 bytes have a piece`)
  }
  return list
}
