import { ConfigError } from '../../base/index.ts'
import { pieceTypes, type SentencePieceEntry, type SentencePieceNormalization } from '../../formats/index.ts'
import { buildCharsmap, nmtNfkcRules, sentencePieceNormalizer, spaceSymbol } from '../formats/index.ts'
import { bytePiece } from '../models/byte-pieces.ts'
import { eachPart } from '../training/each-part.ts'
import { type Counts, wordCounter } from './unigram-words.ts'

/** What is asked of every vocabulary that can be written as a `.model`. */
export interface SentencePieceTraining {
  /** Pieces in all: `<unk>`, `<s>`, `</s>`, symbols, bytes, and what is learned. */
  readonly vocabSize: number
  /** Names of special tokens, which are never found in text. */
  readonly specials?: readonly string[]
  /** Symbols that are always one token wherever they stand. */
  readonly userDefinedSymbols?: readonly string[]
  /** The share of the text whose characters all get a piece. Default 0.9995. */
  readonly characterCoverage?: number
  /** Characters without a piece become their bytes. Default false. */
  readonly byteFallback?: boolean
  /** Every digit is a piece of its own. Default false. */
  readonly splitDigits?: boolean
  /** Default: SentencePiece's nmt_nfkc, its spaces removed, doubled and escaped as usual. */
  readonly normalization?: SentencePieceNormalization
}

const unknownPiece = '<unk>'
const beginPiece = '<s>'
const endPiece = '</s>'

/** Counts the words of a text, then learns from them. */
export function fromWords<R>(
  text: string | Iterable<string> | AsyncIterable<string>,
  options: SentencePieceTraining,
  onRead: (codeUnits: number) => void,
  learn: (words: Counts, normalization: SentencePieceNormalization) => R,
): R | Promise<R> {
  const normalization = options.normalization ?? defaultNormalization()
  const { addDummyPrefix = true, removeExtraWhitespaces = true, escapeWhitespaces = true } = normalization
  if (!escapeWhitespaces) throw new ConfigError('training: escapeWhitespaces has to be on')
  const kept = options.userDefinedSymbols ?? []
  const symbols = [...kept, ...(options.specials ?? []), unknownPiece, beginPiece, endPiece]
  const counter = wordCounter(sentencePieceNormalizer(normalization, { kept }), {
    byLine: !addDummyPrefix || !removeExtraWhitespaces || symbols.some((symbol) => symbol.includes(' ')),
    symbols: symbols.map((symbol) => symbol.replaceAll(' ', spaceSymbol)),
    space: spaceSymbol,
  })
  let read = 0
  const push = (part: string): void => {
    counter.push(part)
    read += part.length
    onRead(read)
  }
  return eachPart(text, push, () => learn(counter.end(), normalization))
}

let builtRules: Uint8Array | undefined
function defaultNormalization(): SentencePieceNormalization {
  builtRules ??= buildCharsmap(nmtNfkcRules())
  const name = 'nmt_nfkc'
  return { name, charsmap: builtRules, addDummyPrefix: true, removeExtraWhitespaces: true, escapeWhitespaces: true }
}

/** The pieces that are not learned; they have the first ids. */
export function metaPieces(options: SentencePieceTraining): SentencePieceEntry[] {
  const { control, userDefined, byte } = pieceTypes
  const entry = (piece: string, type: number): SentencePieceEntry => ({ piece, score: 0, type })
  return [
    entry(unknownPiece, pieceTypes.unknown),
    ...[beginPiece, endPiece, ...(options.specials ?? [])].map((piece) => entry(piece, control)),
    ...(options.userDefinedSymbols ?? []).map((piece) => entry(piece, userDefined)),
    ...Array.from({ length: options.byteFallback ? 256 : 0 }, (_, value) => entry(bytePiece(value), byte)),
  ]
}
