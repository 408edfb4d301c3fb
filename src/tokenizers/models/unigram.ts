import { ConfigError } from '../../base/index.ts'
import type { Model } from '../stages.ts'
import { TokenList } from '../token-list.ts'
import { bestPath } from './best-path.ts'
import { byteIds, pushBytes } from './byte-pieces.ts'

export interface UnigramVocabulary {
  /** Spellings and scores (log probabilities) in the order of ids. */
  readonly pieces: readonly (readonly [piece: string, score: number])[]
  /** The id for characters that no piece can stand for. Without one such text is an error. */
  readonly unknownId?: number
  /** Such characters become the pieces `<0x00>` to `<0xFF>` of their bytes, where these are all there. Default false. */
  readonly byteFallback?: boolean
}

/** So much less than the lowest score an unknown character scores; as in SentencePiece. */
const unknownPenalty = 10

/** Pieces up to this many code units are remembered, and as many of them. */
const longestRemembered = 32
const mostRemembered = 1 << 15

/**
 * The unigram language model (Kudo 2018), as in Hugging Face's tokenizers: of all ways to cut a piece of text into pieces
 * of the vocabulary, the one with the highest sum of scores. Neighbouring unknown characters become one token.
 *
 * @throws ConfigError when the unknown id is no piece's, a score is no number, or a piece is empty
 *
 * @example
 * const model = unigram({ pieces: [['<unk>', 0], ['a', -1], ['b', -1], ['ab', -1.5]], unknownId: 0 })
 * const ids = new TokenList({ tracked: false })
 * model.encode('abba', ids)
 * ids.take() // Uint32Array.of(3, 2, 1)
 */
export function unigram(vocabulary: UnigramVocabulary): Model {
  const { pieces, unknownId, byteFallback = false } = vocabulary
  if (unknownId !== undefined && !(unknownId in pieces)) {
    throw new ConfigError(`unigram: the unknown piece has id ${unknownId}, but ids are 0 to ${pieces.length - 1}`)
  }
  // Of equal pieces the last counts.
  const ids = new Map<string, number>()
  let leastScore = Number.POSITIVE_INFINITY
  pieces.forEach(([piece, score], id) => {
    if (Number.isNaN(score)) throw new ConfigError(`unigram: the score of piece ${id} is not a number`)
    ids.set(piece, id)
    leastScore = Math.min(leastScore, score)
  })
  const path = bestPath({
    ids: new Map([...ids].filter(([piece]) => piece !== '')),
    scoreOf: (id) => pieces[id][1],
    unknownScore: leastScore - unknownPenalty,
    sums: 'f64',
  })
  const bytes = byteFallback ? byteIds((piece) => ids.get(piece)) : undefined

  function pushUnknown(piece: string, start: number, end: number, out: TokenList): void {
    const text = piece.slice(start, end)
    const id = ids.get(text)
    if (id !== undefined) {
      out.push(id, start, end)
      return
    }
    if (bytes !== undefined && pushBytes(text, bytes, start, end, out)) return
    if (unknownId === undefined) {
      throw new ConfigError(
        `unigram: no piece stands for ${JSON.stringify(text.slice(0, 20))}, and none for the unknown`,
      )
    }
    out.push(unknownId, start, end)
  }
  function encode(piece: string, out: TokenList): void {
    const count = path.find(piece)
    for (let k = count - 1; k >= 0; ) {
      const start = path.starts[k]
      const id = path.ids[k--]
      if (id >= 0 && id !== unknownId) {
        out.push(id, start, k < 0 ? piece.length : path.starts[k])
        continue
      }
      while (k >= 0 && (path.ids[k] < 0 || path.ids[k] === unknownId)) k--
      pushUnknown(piece, start, k < 0 ? piece.length : path.starts[k], out)
    }
  }

  const remembered = new Map<string, Uint32Array>()
  const fresh = new TokenList({ tracked: false })
  return {
    vocabSize: pieces.length,
    unspelledId: unknownId,
    toJson: () => ({ type: 'Unigram', unk_id: unknownId ?? null, vocab: pieces, byte_fallback: byteFallback }),
    idOf: (token) => ids.get(token),
    tokenOf: (id) => pieces[id]?.[0],
    encode(piece, out) {
      if (out.spans !== undefined || piece.length > longestRemembered) {
        encode(piece, out)
        return
      }
      let known = remembered.get(piece)
      if (known === undefined) {
        encode(piece, fresh)
        known = fresh.take()
        if (remembered.size === mostRemembered) remembered.clear()
        remembered.set(piece, known)
      }
      for (const id of known) out.push(id, 0, 0)
    },
  }
}
