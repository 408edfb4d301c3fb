import { readMessage, type Schema, writeMessage } from './protobuf.ts'

/**
 * SentencePiece's `.model`: a protocol buffer with the pieces, how they were trained, and how text is normalized.
 * What a file leaves out has the default that is named at each field. Source: Kudo and Richardson 2018, and the message
 * definitions of github.com/google/sentencepiece.
 */
export interface SentencePieceFile {
  /** In the order of their ids. */
  readonly pieces?: readonly SentencePieceEntry[]
  readonly trainer?: SentencePieceTrainer
  readonly normalizer?: SentencePieceNormalization
  readonly selfTest?: Uint8Array
  /** Applied to decoded text. */
  readonly denormalizer?: SentencePieceNormalization
  /** Fields that the format got later; written back as they were. */
  readonly unknownFields?: Uint8Array
}

export interface SentencePieceEntry {
  readonly piece: string
  /** Log probability (Unigram), or minus the number of the merge (BPE). Default 0. */
  readonly score?: number
  /** One of {@link pieceTypes}. Default normal. */
  readonly type?: number
  readonly unknownFields?: Uint8Array
}

export const pieceTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const
export const sentencePieceModels = { unigram: 1, bpe: 2, word: 3, char: 4 } as const

/** What encoding and decoding depend on; everything else is in `unknownFields`. */
export interface SentencePieceTrainer {
  /** One of {@link sentencePieceModels}. Default unigram. */
  readonly modelType?: number
  readonly vocabSize?: number
  readonly characterCoverage?: number
  readonly longestPiece?: number
  /** Spaces stand after words, not before them. Default false. */
  readonly whitespaceAsSuffix?: boolean
  /** Unknown characters become the pieces `<0x00>` to `<0xFF>` of their bytes. Default false. */
  readonly byteFallback?: boolean
  /** Ids, −1 for none. Default 0, 1, 2, −1. */
  readonly unknownId?: number
  readonly beginId?: number
  readonly endId?: number
  readonly paddingId?: number
  /** What an unknown piece is decoded to. Default ` ⁇ `. */
  readonly unknownSurface?: string
  readonly controlSymbols?: readonly string[]
  readonly userDefinedSymbols?: readonly string[]
  readonly unknownPiece?: string
  readonly beginPiece?: string
  readonly endPiece?: string
  readonly paddingPiece?: string
  readonly unknownFields?: Uint8Array
}

export interface SentencePieceNormalization {
  readonly name?: string
  /** Length of a double array (u32, little-endian), the array, then replacements that end with NUL. Default empty. */
  readonly charsmap?: Uint8Array
  /** All three: default true. */
  readonly addDummyPrefix?: boolean
  readonly removeExtraWhitespaces?: boolean
  readonly escapeWhitespaces?: boolean
  readonly rules?: string
  readonly unknownFields?: Uint8Array
}

const piece: Schema = {
  1: { name: 'piece', kind: 'string' },
  2: { name: 'score', kind: 'float' },
  3: { name: 'type', kind: 'integer' },
}
const trainer: Schema = {
  3: { name: 'modelType', kind: 'integer' },
  4: { name: 'vocabSize', kind: 'integer' },
  10: { name: 'characterCoverage', kind: 'float' },
  20: { name: 'longestPiece', kind: 'integer' },
  24: { name: 'whitespaceAsSuffix', kind: 'boolean' },
  30: { name: 'controlSymbols', kind: 'string', repeated: true },
  31: { name: 'userDefinedSymbols', kind: 'string', repeated: true },
  35: { name: 'byteFallback', kind: 'boolean' },
  40: { name: 'unknownId', kind: 'integer' },
  41: { name: 'beginId', kind: 'integer' },
  42: { name: 'endId', kind: 'integer' },
  43: { name: 'paddingId', kind: 'integer' },
  44: { name: 'unknownSurface', kind: 'string' },
  45: { name: 'unknownPiece', kind: 'string' },
  46: { name: 'beginPiece', kind: 'string' },
  47: { name: 'endPiece', kind: 'string' },
  48: { name: 'paddingPiece', kind: 'string' },
}
const normalization: Schema = {
  1: { name: 'name', kind: 'string' },
  2: { name: 'charsmap', kind: 'bytes' },
  3: { name: 'addDummyPrefix', kind: 'boolean' },
  4: { name: 'removeExtraWhitespaces', kind: 'boolean' },
  5: { name: 'escapeWhitespaces', kind: 'boolean' },
  6: { name: 'rules', kind: 'string' },
}
const model: Schema = {
  1: { name: 'pieces', kind: piece, repeated: true },
  2: { name: 'trainer', kind: trainer },
  3: { name: 'normalizer', kind: normalization },
  4: { name: 'selfTest', kind: 'bytes' },
  5: { name: 'denormalizer', kind: normalization },
}

/**
 * Reads the bytes of a `.model`. Whether its pieces make sense is not checked here.
 *
 * @param file how errors name the file
 * @throws FormatError with the byte at which the file is not such a message
 *
 * @example
 * const bytes = writeSentencePieceFile({ pieces: [{ piece: '<unk>', type: pieceTypes.unknown }] })
 * readSentencePieceFile(bytes).pieces[0].piece // '<unk>'
 */
export function readSentencePieceFile(bytes: Uint8Array, file = 'sentencepiece model'): SentencePieceFile {
  return readMessage(bytes, model, file) as SentencePieceFile
}

/**
 * The bytes of a `.model`. What {@link readSentencePieceFile} gave is written with every field it had.
 *
 * @example
 * writeSentencePieceFile({ pieces: [{ piece: 'a' }] }) // Uint8Array.of(10, 3, 10, 1, 97)
 */
export function writeSentencePieceFile(file: SentencePieceFile): Uint8Array {
  return writeMessage(file, model)
}
