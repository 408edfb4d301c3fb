import { pieceTypes, sentencePieceModels } from '../../../formats/index.ts'
import { longestAt } from '../../longest-at.ts'
import { bestPath, type Sums } from '../../models/best-path.ts'
import { byteIds } from '../../models/byte-pieces.ts'
import type { Model, StageJson } from '../../stages.ts'
import type { TokenList } from '../../token-list.ts'
import { sentencePieceBpe } from './bpe.ts'
import { spaceSymbol } from './normalizer.ts'
import { type TokenSink, tokenSink } from './tokens.ts'

/** A piece, by its id. */
export interface ScoredPiece {
  readonly piece: string
  readonly score: number
  /** One of `pieceTypes`. */
  readonly type: number
}

/** So much less than the lowest score an unknown character scores, and a symbol of the user less than nothing. */
const unknownPenalty = 10
const userDefinedScore = -0.1

type Encode = (text: string, out: TokenList) => void

/**
 * A model as SentencePiece itself applies it: to a whole normalized text, with scores in 32 bits.
 *
 * @param pieces as a `.model` has them, already found sound
 */
export function sentencePieceModel(
  pieces: readonly ScoredPiece[],
  options: { modelType: number; byteFallback: boolean; sums: Sums },
): Model {
  const reserved = new Map<string, number>()
  const texts = new Map<string, number>()
  pieces.forEach(({ piece, type }, id) => {
    const isText = type === pieceTypes.normal || type === pieceTypes.userDefined || type === pieceTypes.unused
    ;(isText ? texts : reserved).set(piece, id)
  })
  const unknownId = pieces.findIndex(({ type }) => type === pieceTypes.unknown)
  const idOf = (piece: string): number | undefined => reserved.get(piece) ?? texts.get(piece)
  const sink = tokenSink(unknownId, options.byteFallback ? byteIds(idOf) : undefined)
  const fixedEnd = longestAt(pieces.filter(({ type }) => type === pieceTypes.userDefined).map(({ piece }) => piece))
  const pieceId = (piece: string): number => idOf(piece) ?? unknownId

  const encoders: Record<number, () => Encode> = {
    [sentencePieceModels.unigram]: () => unigramEncoder(pieces, texts, options.sums, sink),
    [sentencePieceModels.bpe]: () =>
      sentencePieceBpe({
        pieces: texts,
        scores: pieces.map(({ score }) => score),
        unused: new Set(pieces.flatMap(({ type }, id) => (type === pieceTypes.unused ? [id] : []))),
        fixedEnd,
        idOf: pieceId,
        space: spaceSymbol,
        sink,
      }),
    [sentencePieceModels.char]: () => (text, out) => {
      for (let at = 0; at < text.length; ) {
        const fixed = fixedEnd(text, at)
        const end = fixed > at ? fixed : at + ((text.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1)
        sink.push(pieceId(text.slice(at, end)), text, at, end, out)
        at = end
      }
      sink.end(out)
    },
    [sentencePieceModels.word]: () => (text, out) => {
      for (let at = 0; at < text.length; ) {
        const space = text.indexOf(spaceSymbol, at + 1)
        const end = space < 0 ? text.length : space
        sink.push(pieceId(text.slice(at, end)), text, at, end, out)
        at = end
      }
      sink.end(out)
    },
  }
  return {
    vocabSize: pieces.length,
    toJson: () => modelJson(pieces, texts, { ...options, unknownId }),
    idOf,
    tokenOf: (id) => pieces[id]?.piece,
    encode: encoders[options.modelType](),
  }
}

/** What comes nearest in tokenizer.json. */
function modelJson(
  pieces: readonly ScoredPiece[],
  texts: ReadonlyMap<string, number>,
  options: { modelType: number; byteFallback: boolean; unknownId: number },
): StageJson {
  const { modelType, byteFallback, unknownId } = options
  const vocab = (): Record<string, number> => Object.fromEntries(pieces.map(({ piece }, id) => [piece, id]))
  const unknown = pieces[unknownId].piece
  if (modelType === sentencePieceModels.word) return { type: 'WordLevel', vocab: vocab(), unk_token: unknown }
  if (modelType === sentencePieceModels.bpe) {
    const merges = mergesByScore(texts, pieces)
    return { type: 'BPE', unk_token: unknown, fuse_unk: true, byte_fallback: byteFallback, vocab: vocab(), merges }
  }
  const scores = pieces.map(({ piece, score }): [string, number] => [piece, score])
  return { type: 'Unigram', unk_id: unknownId, vocab: scores, byte_fallback: byteFallback }
}

/** All pairs of pieces that make a piece, the highest score first. */
function mergesByScore(texts: ReadonlyMap<string, number>, pieces: readonly ScoredPiece[]): [string, string][] {
  const merges: { id: number; left: number; right: number }[] = []
  for (const [piece, id] of texts) {
    for (let cut = 1; cut < piece.length; cut++) {
      const left = texts.get(piece.slice(0, cut))
      const right = left === undefined ? undefined : texts.get(piece.slice(cut))
      if (right !== undefined) merges.push({ id, left: left!, right })
    }
  }
  return merges
    .sort((a, b) => pieces[b.id].score - pieces[a.id].score || a.id - b.id || a.left - b.left || a.right - b.right)
    .map(({ left, right }) => [pieces[left].piece, pieces[right].piece])
}

function unigramEncoder(
  pieces: readonly ScoredPiece[],
  texts: ReadonlyMap<string, number>,
  sums: Sums,
  sink: TokenSink,
): Encode {
  const matched = [...texts].filter(([, id]) => pieces[id].type !== pieceTypes.unused)
  const normal = pieces.filter(({ type }) => type === pieceTypes.normal)
  const leastScore = normal.reduce((least, { score }) => Math.min(least, score), Number.MAX_VALUE)
  // Scores are negative, so the highest is in effect 0 in SentencePiece, where it begins just above.
  const path = bestPath({
    ids: new Map(matched),
    scoreOf: (id) => (pieces[id].type === pieceTypes.userDefined ? userDefinedScore : pieces[id].score),
    unknownScore: Math.fround(leastScore - unknownPenalty),
    sums,
  })
  return (text, out) => {
    for (let k = path.find(text) - 1; k >= 0; k--) {
      sink.push(path.ids[k], text, path.starts[k], k === 0 ? text.length : path.starts[k - 1], out)
    }
    sink.end(out)
  }
}
