import { ConfigError, DataError } from '../../base/index.ts'
import {
  type SentencePieceEntry,
  type SentencePieceFile,
  type SentencePieceNormalization,
  sentencePieceModels,
} from '../../formats/index.ts'
import { tokenizer } from '../assemble.ts'
import { sentencePieceParts, spaceSymbol } from '../formats/index.ts'
import { TokenBytes } from '../models/bpe/token-bytes.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { learnMerges } from '../training/bpe-learn.ts'
import { fromWords, metaPieces, type SentencePieceTraining } from './sentencepiece-training.ts'
import { type Counts, requiredCharacters, runsOf } from './unigram-words.ts'

export interface TrainSentencePieceBpeOptions extends SentencePieceTraining {
  /** `reading` counts code units of text, `merging` counts new pieces. */
  readonly onProgress?: (progress: { readonly stage: 'reading' | 'merging'; readonly done: number }) => void
}

export interface TrainedSentencePieceBpe extends Tokenizer {
  /** What to write as a `.model`. */
  readonly file: SentencePieceFile
}

/**
 * Learns BPE over characters as a SentencePiece model: spaces are part of pieces, no piece crosses words or scripts, and
 * the score of a piece is minus the number of its merge. Of equally frequent pairs the one with the lowest ids is merged.
 *
 * @param text a text, or its parts as they arrive; memory grows with the distinct words, not with the text
 * @returns a promise where the parts arrive later
 * @throws ConfigError when vocabSize has no room for the characters
 * @throws DataError when the text has no words
 *
 * @example
 * const t = trainSentencePieceBpe('бір екі бір екі үш', { vocabSize: 18 })
 * t.tokenOf(t.encode('бір')[0]) // '▁бір'
 */
export function trainSentencePieceBpe(
  text: string | Iterable<string>,
  options: TrainSentencePieceBpeOptions,
): TrainedSentencePieceBpe
export function trainSentencePieceBpe(
  text: AsyncIterable<string>,
  options: TrainSentencePieceBpeOptions,
): Promise<TrainedSentencePieceBpe>
export function trainSentencePieceBpe(
  text: string | Iterable<string> | AsyncIterable<string>,
  options: TrainSentencePieceBpeOptions,
): TrainedSentencePieceBpe | Promise<TrainedSentencePieceBpe> {
  const onRead = (done: number): void => options.onProgress?.({ stage: 'reading', done })
  return fromWords(text, options, onRead, (words, normalization) => learned(words, normalization, options))
}

function learned(
  words: Counts,
  normalization: SentencePieceNormalization,
  options: TrainSentencePieceBpeOptions,
): TrainedSentencePieceBpe {
  if (words.size === 0) throw new DataError('trainSentencePieceBpe: the text has no words')
  const { vocabSize, characterCoverage = 0.9995, splitDigits = false, byteFallback = false } = options
  const meta = metaPieces(options)
  const required = requiredCharacters(words, characterCoverage)
  const room = vocabSize - meta.length - required.size
  if (!Number.isInteger(vocabSize) || room < 0) {
    throw new ConfigError(
      `trainSentencePieceBpe: vocabSize ${vocabSize} has no room for ${meta.length} symbols and ${required.size} characters`,
    )
  }
  const runs = runsOf(words, { required, splitDigits, space: spaceSymbol, longest: Number.POSITIVE_INFINITY })
  const utf8 = new TextEncoder()
  const tokens = new TokenBytes()
  const ids = new Map<number, number>()
  for (const code of required.keys()) {
    ids.set(code, ids.size)
    tokens.add(ids.size - 1, utf8.encode(String.fromCodePoint(code)))
  }
  const merges = learnMerges(tokens, {
    firstId: required.size,
    fill(list) {
      for (const [run, count] of runs) {
        const word = list.reserve(run.length)
        let length = 0
        for (const character of run) word[length++] = ids.get(character.codePointAt(0)!)!
        list.commit(length, count)
      }
    },
    tokens: room,
    leastCount: 2,
    ties: 'lowest ids',
    onMerge: (done) => options.onProgress?.({ stage: 'merging', done }),
  })
  const text = new TextDecoder('utf-8', { ignoreBOM: true })
  const learnedIds = [...new Set(merges.map(({ id }) => id)), ...ids.values()]
  const pieces: SentencePieceEntry[] = learnedIds.map((id, place) => ({
    piece: text.decode(tokens.bytesOf(id) as Uint8Array<ArrayBuffer>),
    score: -place,
  }))
  const file: SentencePieceFile = {
    pieces: [...meta, ...pieces],
    trainer: {
      modelType: sentencePieceModels.bpe,
      vocabSize: meta.length + pieces.length,
      characterCoverage,
      byteFallback,
      controlSymbols: options.specials ?? [],
      userDefinedSymbols: options.userDefinedSymbols ?? [],
    },
    normalizer: normalization,
  }
  return { ...tokenizer(sentencePieceParts(file, { file: 'trainSentencePieceBpe' })), file }
}
