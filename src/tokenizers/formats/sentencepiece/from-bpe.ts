import {
  pieceTypes,
  type SentencePieceEntry,
  type SentencePieceFile,
  sentencePieceModels,
} from '../../../formats/index.ts'
import { byteOfPiece } from '../../models/byte-pieces.ts'
import type { StageJson } from '../../stages.ts'
import type { Tokenizer } from '../../tokenizer.ts'
import { spaceSymbol } from './normalizer.ts'

/**
 * The SentencePiece BPE that a tokenizer.json spells out, as those of Llama 2 and Mistral do: merges in the order of the scores
 * that their results had. A token's score is minus the place of the first merge that makes it.
 *
 * @returns undefined for a tokenizer that no such file describes: other stages, or merges in an order that no scores give
 */
export function sentencePieceOfBpe({ parts, vocabSize, tokenOf, idOf }: Tokenizer): SentencePieceFile | undefined {
  const json = parts.model.toJson()
  const addDummyPrefix = dummyPrefix(parts.normalizer?.json, parts.preTokenizer?.json)
  if (json.type !== 'BPE' || addDummyPrefix === undefined || parts.model.byteLevel) return undefined
  const scores = scoresOf(json.merges as readonly (readonly [string, string])[], idOf)
  if (scores === undefined) return undefined
  const special = new Map((parts.addedTokens ?? []).map(({ content, special }) => [content, special === true]))
  const typeOf = (piece: string): number => {
    if (piece === json.unk_token) return pieceTypes.unknown
    if (byteOfPiece(piece) >= 0 && json.byte_fallback === true) return pieceTypes.byte
    const isSpecial = special.get(piece)
    if (isSpecial === undefined) return pieceTypes.normal
    return isSpecial ? pieceTypes.control : pieceTypes.userDefined
  }
  const pieces: SentencePieceEntry[] = []
  for (let id = 0; id < vocabSize; id++) {
    const piece = tokenOf(id)
    pieces.push(
      piece === undefined
        ? { piece: `[PAD${id}]`, score: 0, type: pieceTypes.unused }
        : { piece, score: scores.get(id) ?? 0, type: typeOf(piece) },
    )
  }
  return {
    pieces,
    trainer: { modelType: sentencePieceModels.bpe, byteFallback: json.byte_fallback === true },
    normalizer: { addDummyPrefix, removeExtraWhitespaces: false },
  }
}

/** Whether a space is put before the text; undefined for stages that do anything but that and spelling spaces. */
function dummyPrefix(normalizer: StageJson | undefined, pieces: StageJson | undefined): boolean | undefined {
  const stages =
    normalizer?.type === 'Sequence' ? (normalizer.normalizers as StageJson[]) : normalizer ? [normalizer] : []
  if (pieces !== undefined) {
    const isPlain = pieces.type === 'Metaspace' && pieces.replacement === spaceSymbol && pieces.split === false
    if (stages.length > 0 || !isPlain) return undefined
    return pieces.prepend_scheme !== 'never'
  }
  const isReplace = (stage: StageJson | undefined) =>
    stage?.type === 'Replace' && (stage.pattern as { String?: string })?.String === ' ' && stage.content === spaceSymbol
  const [first, second] = stages
  if (stages.length === 1 && isReplace(first)) return false
  const isPrepend = first?.type === 'Prepend' && first.prepend === spaceSymbol
  return stages.length === 2 && isPrepend && isReplace(second) ? true : undefined
}

/** Scores that give the merges in their order; undefined when none do. */
function scoresOf(
  merges: readonly (readonly [string, string])[],
  idOf: (token: string) => number | undefined,
): Map<number, number> | undefined {
  const scores = new Map<number, number>()
  let last = -1
  for (const [place, [left, right]] of merges.entries()) {
    const id = idOf(left + right)
    if (id === undefined) return undefined
    if (id === last) continue
    // All merges to one token have its score, so they stand together.
    if (scores.has(id)) return undefined
    scores.set(id, -1 - place)
    last = id
  }
  return scores
}
