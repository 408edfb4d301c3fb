import type { Normalizer, PreTokenizer } from '../stages.ts'
import type { CountedPiece } from './bpe-alphabet.ts'
import { BytePieceCounts } from './byte-piece-counts.ts'
import { WordCounts } from './word-counts.ts'

/** The pieces of a text, counted. */
export interface CountedPieces {
  /** Pieces in all. */
  readonly total: number
  readonly distinct: number
  /** Distinct pieces in the order in which they appear. Their bytes are not to be kept. */
  pieces(): Iterable<CountedPiece>
}

/** Takes a text in parts and counts its pieces. */
export interface PieceCounter {
  push(part: string): void
  end(): CountedPieces
}

/** Counts bytes where they stand if the pre-tokenizer has a scanner and nothing rewrites the text, strings otherwise. */
export function pieceCounter(preTokenizer: PreTokenizer, normalizer: Normalizer | undefined): PieceCounter {
  if (preTokenizer.scanner === undefined || normalizer !== undefined) {
    return wordCounter(new WordCounts({ preTokenizer, normalizer }))
  }
  const counts = new BytePieceCounts(preTokenizer.scanner)
  return {
    push: counts.window.pushText,
    end() {
      counts.window.end()
      return { total: counts.total, distinct: counts.size, pieces: () => bytePieces(counts) }
    },
  }
}

function* bytePieces({ bytes, starts, counts, size }: BytePieceCounts): Generator<CountedPiece> {
  for (let i = 0; i < size; i++) yield { bytes: bytes.subarray(starts[i], starts[i + 1]), count: counts[i] }
}

function wordCounter(words: WordCounts): PieceCounter {
  const encoder = new TextEncoder()
  return {
    push: (part) => words.push(part),
    end() {
      const counts = words.end()
      return {
        total: words.total,
        distinct: counts.size,
        *pieces() {
          for (const [word, count] of counts) yield { bytes: encoder.encode(word), count }
        },
      }
    },
  }
}
