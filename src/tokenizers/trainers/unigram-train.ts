import { ConfigError, DataError } from '../../base/index.ts'
import {
  type SentencePieceEntry,
  type SentencePieceFile,
  type SentencePieceNormalization,
  sentencePieceModels,
} from '../../formats/index.ts'
import { tokenizer } from '../assemble.ts'
import { sentencePieceParts, spaceSymbol } from '../formats/index.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { fromWords, metaPieces, type SentencePieceTraining } from './sentencepiece-training.ts'
import { expectation, initialState, maximize, type UnigramState } from './unigram-em.ts'
import { type Lattice, seedLattice } from './unigram-lattice.ts'
import { prune } from './unigram-prune.ts'
import { requiredCharacters, runsOf } from './unigram-words.ts'

export interface TrainUnigramOptions extends SentencePieceTraining {
  /** Characters. Default 16. */
  readonly longestPiece?: number
  /** The share of pieces that a prune leaves. Default 0.75. */
  readonly shrinkingFactor?: number
  /** Passes of expectation and maximization between prunes. Default 2. */
  readonly subIterations?: number
  /** First pieces at most. Default 1,000,000. */
  readonly seedSize?: number
  readonly onProgress?: (progress: UnigramProgress) => void
}

/** `reading` counts code units of text; `learning` comes with each pass. */
export interface UnigramProgress {
  readonly stage: 'reading' | 'learning'
  readonly done: number
  readonly pass?: UnigramPass
}

/** A pass of expectation and maximization, and the prune behind it. */
export interface UnigramPass {
  /** Before this pass. */
  readonly pieces: number
  /** Of the text under the scores before this pass, in nats. */
  readonly logLikelihood: number
  /** Expected number of tokens of the text. */
  readonly tokens: number
  /** Pieces that this pass and its prune removed. */
  readonly removed: number
  /** Whether a prune follows: likelihood can only fall from this pass to the next. */
  readonly prunes: boolean
}

export interface TrainedUnigram extends Tokenizer {
  /** What to write as a `.model`. */
  readonly file: SentencePieceFile
  readonly report: UnigramReport
}

export interface UnigramReport {
  readonly distinctWords: number
  /** Distinct runs of letters, or of other characters, that pieces cannot cross. */
  readonly distinctRuns: number
  readonly seedPieces: number
  readonly characters: number
  readonly passes: readonly UnigramPass[]
  /** Fewer than asked where the text has not more. */
  readonly pieces: number
}

/** Longer runs are cut, so that probabilities stay within the range of numbers. */
const longestRun = 64

/** Before the last pieces are chosen, so many times as many are left. */
const spare = 1.1

/**
 * Learns a unigram vocabulary (Kudo 2018): begins with all frequent parts of words, gives them the probabilities that
 * make the text most likely, removes those that matter least, and so on down to the size that is asked. Follows
 * SentencePiece in everything that decides about quality. The same text gives the same vocabulary, however it is cut into
 * parts.
 *
 * @param text a text, or its parts as they arrive; memory grows with the distinct words, not with the text
 * @returns a promise where the parts arrive later
 * @throws ConfigError when vocabSize has no room for the characters, or an option is out of range
 * @throws DataError when the text has no words
 * Cost: O(distinct text · longest piece) for each pass, about 30 passes.
 *
 * @example
 * const t = trainUnigram('the cat sat on the mat. '.repeat(20), { vocabSize: 24 })
 * t.decode(t.encode('the mat')) // 'the mat'
 */
export function trainUnigram(text: string | Iterable<string>, options: TrainUnigramOptions): TrainedUnigram
export function trainUnigram(text: AsyncIterable<string>, options: TrainUnigramOptions): Promise<TrainedUnigram>
export function trainUnigram(
  text: string | Iterable<string> | AsyncIterable<string>,
  options: TrainUnigramOptions,
): TrainedUnigram | Promise<TrainedUnigram> {
  requireOptions(options)
  const onRead = (done: number): void => options.onProgress?.({ stage: 'reading', done })
  return fromWords(text, options, onRead, (words, normalization) => learned(words, normalization, options))
}

function requireOptions(options: TrainUnigramOptions): void {
  const { characterCoverage = 1, shrinkingFactor = 0.5, longestPiece = 16, subIterations = 1, seedSize = 1 } = options
  const fail = (name: string, expected: string): never => {
    throw new ConfigError(
      `trainUnigram: ${name} is ${options[name as keyof TrainUnigramOptions]}; expected ${expected}`,
    )
  }
  if (!(Number.isInteger(options.vocabSize) && options.vocabSize > 0)) fail('vocabSize', 'a whole number above 0')
  if (!(characterCoverage > 0 && characterCoverage <= 1)) fail('characterCoverage', 'above 0, at most 1')
  if (!(shrinkingFactor > 0 && shrinkingFactor < 1)) fail('shrinkingFactor', 'between 0 and 1')
  if (!(Number.isInteger(longestPiece) && longestPiece > 0 && longestPiece < 256)) fail('longestPiece', '1 to 255')
  if (!(Number.isInteger(subIterations) && subIterations > 0)) fail('subIterations', 'a whole number above 0')
  if (!(Number.isInteger(seedSize) && seedSize > 0)) fail('seedSize', 'a whole number above 0')
}

function learned(
  words: Map<string, number>,
  normalization: SentencePieceNormalization,
  options: TrainUnigramOptions,
): TrainedUnigram {
  if (words.size === 0) throw new DataError('trainUnigram: the text has no words')
  const { vocabSize, characterCoverage = 0.9995, longestPiece = 16, byteFallback = false } = options
  const meta = metaPieces(options)
  const required = requiredCharacters(words, characterCoverage)
  const room = vocabSize - meta.length
  if (room < required.size) {
    throw new ConfigError(
      `trainUnigram: vocabSize ${vocabSize} has no room for ${meta.length} symbols and ${required.size} characters`,
    )
  }
  const { splitDigits = false } = options
  const runs = runsOf(words, { required, splitDigits, space: spaceSymbol, longest: longestRun })
  const characters = [...required.keys()].sort((a, b) => a - b)
  const lattice = seedLattice(runs, { characters, longestPiece, seedSize: options.seedSize ?? 1_000_000 })
  const state = initialState(lattice)
  const seedPieces = state.scores.length
  const passes = learn(state, Math.floor(vocabSize * spare), options)
  const pieces = [...meta, ...lastPieces(state, required, room)]
  const file: SentencePieceFile = {
    pieces,
    trainer: {
      modelType: sentencePieceModels.unigram,
      vocabSize,
      characterCoverage,
      longestPiece,
      byteFallback,
      controlSymbols: options.specials ?? [],
      userDefinedSymbols: options.userDefinedSymbols ?? [],
    },
    normalizer: normalization,
  }
  const report: UnigramReport = {
    distinctWords: words.size,
    distinctRuns: runs.size,
    seedPieces,
    characters: required.size,
    passes,
    pieces: pieces.length,
  }
  return { ...tokenizer(sentencePieceParts(file, { file: 'trainUnigram' })), file, report }
}

function learn(state: UnigramState, wanted: number, options: TrainUnigramOptions): UnigramPass[] {
  const { shrinkingFactor = 0.75, subIterations = 2, onProgress } = options
  const { runStarts, runCounts } = state.lattice
  const symbols = runCounts.reduce((sum, count, run) => sum + count * (runStarts[run + 1] - runStarts[run] - 1), 0)
  const passes: UnigramPass[] = []
  /** Nats; a text's letters have about so much. */
  let perSymbol = 3
  for (let isLast = false; !isLast; ) {
    for (let iteration = 1; iteration <= subIterations; iteration++) {
      const pieces = state.scores.length
      const { logLikelihood, tokens, counts } = expectation(state, perSymbol)
      perSymbol = Math.max(0, -logLikelihood / symbols)
      maximize(state, counts)
      const prunes = iteration === subIterations && state.scores.length > wanted
      isLast = iteration === subIterations && !prunes
      if (prunes) prune(state, Math.max(wanted, Math.floor(state.scores.length * shrinkingFactor)))
      const pass = { pieces, logLikelihood, tokens, removed: pieces - state.scores.length, prunes }
      passes.push(pass)
      onProgress?.({ stage: 'learning', done: passes.length, pass })
    }
  }
  return passes
}

/** So much lower than the next a required character scores that has become unlikely. */
const scoreStep = 0.0001

/** All characters, and the pieces of the highest scores; the highest score first, of equals in the order of code points. */
function lastPieces(state: UnigramState, required: ReadonlyMap<number, number>, room: number): SentencePieceEntry[] {
  const { scores, origins, lattice, characterCount } = state
  const pieces = Array.from(scores, (score, piece) => ({ piece: spellingOf(lattice, origins[piece]), score }))
  const characters = pieces.slice(0, characterCount)
  const least = pieces.reduce((low, { score }) => Math.min(low, score), 0)
  // A required character that only stood where nothing was learned.
  const there = new Set(characters.map(({ piece }) => piece))
  for (const code of required.keys()) {
    const piece = String.fromCodePoint(code)
    if (!there.has(piece)) characters.push({ piece, score: least - scoreStep })
  }
  const longer = pieces.slice(characterCount).sort((a, b) => b.score - a.score || (a.piece < b.piece ? -1 : 1))
  return [...characters, ...longer.slice(0, room - characters.length)]
    .sort((a, b) => b.score - a.score || (a.piece < b.piece ? -1 : 1))
    .map(({ piece, score }) => ({ piece, score: Math.fround(score) }))
}

function spellingOf({ symbols, characters, pieceStarts, pieceLengths }: Lattice, piece: number): string {
  let text = ''
  for (let i = 0; i < pieceLengths[piece]; i++)
    text += String.fromCodePoint(characters[symbols[pieceStarts[piece] + i]])
  return text
}
