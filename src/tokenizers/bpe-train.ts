import { ConfigError, DataError } from '../base/index.ts'
import { bpe } from './bpe.ts'
import { learnMerges, type Word } from './bpe-learn.ts'
import type { BpeTokenizer } from './bpe-tokenizer.ts'
import { bytesInOrder } from './byte-alphabet.ts'
import { grown, PieceTable } from './piece-table.ts'
import { type OnPiece, pieceStream } from './pieces.ts'
import { writeUtf8 } from './utf8.ts'

export interface TrainBpeOptions {
  /** Tokens in all: 256 bytes, merges and special tokens. Fewer come out when the text has no more pairs to merge. */
  readonly vocabSize: number
  /** Names of tokens that are no text; they get the last ids. */
  readonly specials?: readonly string[]
  /** Pairs that occur less often are not merged. Default 1, as in Hugging Face's trainer. */
  readonly leastCount?: number
  readonly onProgress?: (progress: BpeProgress) => void
}

/** `reading` counts code units of text, `merging` counts new tokens of `total`. */
export interface BpeProgress {
  readonly stage: 'reading' | 'merging'
  readonly done: number
  readonly total?: number
}

export interface TrainedBpe extends BpeTokenizer {
  readonly report: BpeReport
}

/** What training saw and did. `learnedTokens` below `askedTokens`: the text had no more pairs to merge. */
export interface BpeReport {
  readonly pieces: number
  readonly distinctPieces: number
  /** New tokens, beside the bytes and the special tokens. */
  readonly askedTokens: number
  readonly learnedTokens: number
}

/**
 * Learns a byte-level BPE vocabulary: the most frequent pair of neighbouring tokens becomes a token, again and again. Of
 * equally frequent pairs the one with the lowest ids is taken, which is Hugging Face's rule, and the merges are those of
 * Hugging Face's trainer. The same text gives the same tokenizer, however it is cut into parts.
 *
 * @param text a text, or its parts as they arrive; memory grows with the distinct pieces, not with the text
 * @throws ConfigError when vocabSize has no room for the bytes and the special tokens
 * @throws DataError when the text is empty
 * Cost: O(text) to count, then O(distinct pieces) for each merge that touches them all, usually far less.
 * Source: Sennrich et al. 2016, section 3.2; bytes: Radford et al. 2019, section 2.2.
 *
 * @example
 * const tokenizer = trainBpe(text, { vocabSize: 2048, specials: ['<|end|>'] })
 */
export function trainBpe(text: string | Iterable<string>, options: TrainBpeOptions): TrainedBpe
export function trainBpe(text: AsyncIterable<string>, options: TrainBpeOptions): Promise<TrainedBpe>
export function trainBpe(
  text: string | Iterable<string> | AsyncIterable<string>,
  options: TrainBpeOptions,
): TrainedBpe | Promise<TrainedBpe> {
  const asked = tokensAsked(options)
  const counts = new PieceCounts()
  const pieces = pieceStream(counts.add)
  let read = 0
  const push = (part: string) => {
    pieces.push(part)
    read += part.length
    options.onProgress?.({ stage: 'reading', done: read })
  }
  const finish = (): TrainedBpe => {
    pieces.end()
    if (counts.total === 0) throw new DataError('trainBpe: the text is empty; give at least one character')
    const merges = learnMerges(counts.words(), bytesInOrder, {
      tokens: asked,
      leastCount: options.leastCount ?? 1,
      onMerge: (done) => options.onProgress?.({ stage: 'merging', done, total: asked }),
    })
    const tokenizer = bpe({ merges, specials: options.specials })
    const report: BpeReport = {
      pieces: counts.total,
      distinctPieces: counts.distinct,
      askedTokens: asked,
      learnedTokens: tokenizer.vocabSize - options.vocabSize + asked,
    }
    return { ...tokenizer, report }
  }

  if (typeof text === 'string') {
    push(text)
    return finish()
  }
  if (Symbol.iterator in text) {
    for (const part of text) push(part)
    return finish()
  }
  return (async () => {
    for await (const part of text) push(part)
    return finish()
  })()
}

function tokensAsked(options: TrainBpeOptions): number {
  const least = 256 + (options.specials?.length ?? 0)
  if (!Number.isInteger(options.vocabSize) || options.vocabSize < least) {
    throw new ConfigError(
      `trainBpe: vocabSize is ${options.vocabSize}, but 256 bytes and ${least - 256} special tokens need ${least} at least`,
    )
  }
  return options.vocabSize - least
}

/** Distinct pieces of a text and how often each occurs. */
class PieceCounts {
  total = 0
  #table = new PieceTable()
  #counts = new Float64Array(1 << 10)

  get distinct(): number {
    return this.#table.size
  }

  readonly add: OnPiece = (text, start, end) => {
    const piece = this.#table.number(text, start, end)
    if (piece >= this.#counts.length) this.#counts = grown(this.#counts, new Float64Array(piece * 2))
    this.#counts[piece]++
    this.total++
  };

  *words(): Generator<Word> {
    let bytes = new Uint8Array(256)
    for (let piece = 0; piece < this.#table.size; piece++) {
      const start = this.#table.starts[piece]
      const end = this.#table.starts[piece + 1]
      if (bytes.length < 3 * (end - start)) bytes = new Uint8Array(3 * (end - start))
      yield { bytes: bytes.subarray(0, writeUtf8(this.#table.units, start, end, bytes)), count: this.#counts[piece] }
    }
  }
}
