import { ConfigError, DataError } from '../../base/index.ts'
import { tokenizer } from '../assemble.ts'
import { assembledBpe, type BpeTokenizer } from '../models/bpe/assembled-bpe.ts'
import { bpeModel } from '../models/bpe/bpe-model.ts'
import { TokenBytes } from '../models/bpe/token-bytes.ts'
import type { PatternName } from '../pieces/scanners/patterns.ts'
import { pieces as namedPieces } from '../pieces/scanners/pieces.ts'
import type { Decoder, Normalizer, PreTokenizer } from '../stages.ts'
import { type AlphabetOptions, byteTrainingAlphabet, characterTrainingAlphabet } from './bpe-alphabet.ts'
import { type LearnedMerge, learnMerges, type TieRule } from './bpe-learn.ts'
import { pieceCounter } from './bpe-pieces.ts'
import { eachPart } from './each-part.ts'

export interface TrainBpeOptions extends AlphabetOptions {
  /** Tokens in all: alphabet, merges and special tokens. Fewer come out when the text has no more pairs to merge. */
  readonly vocabSize: number
  /** Names of tokens that are no text; they get the last ids. */
  readonly specials?: readonly string[]
  /** Gives the special tokens the first ids instead, as Hugging Face's trainer does. */
  readonly specialsFirst?: boolean
  /** Pairs that occur less often are not merged. Default 1, as in Hugging Face's trainer. */
  readonly leastCount?: number
  /** Which of equally frequent pairs is merged; `'lowest ids'` unless said. */
  readonly ties?: TieRule
  /** What tokens are made of: the 256 bytes, unless said, or the characters of the text. */
  readonly alphabet?: 'bytes' | 'characters'
  /** For an alphabet of characters, a special token for all others; they are left out otherwise. */
  readonly unkToken?: string
  /** Rewrites the text before it is cut. */
  readonly normalizer?: Normalizer
  /** Cuts that merges never cross, or the name of a well-known one; GPT-2's unless said. */
  readonly pieces?: PatternName | PreTokenizer
  /** Undoes what normalizer and pieces do to spaces; known without saying for bytes. */
  readonly decoder?: Decoder
  /** Whether the report lists each merge. */
  readonly trace?: boolean
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
  /** New tokens, beside the alphabet and the special tokens. */
  readonly askedTokens: number
  readonly learnedTokens: number
  /** With `trace`: which ids became which, and how often they stood side by side. Whoever repeats them has the training. */
  readonly merges?: readonly LearnedMerge[]
}

/**
 * Learns a BPE vocabulary: the most frequent pair of neighbouring tokens becomes a token, again and again. Of equally
 * frequent pairs the one with the lowest ids is taken, which is Hugging Face's rule, and the merges are those of Hugging
 * Face's trainer; {@link TieRule} has others. The same text gives the same tokenizer, however it is cut into parts.
 *
 * @param text a text, or its parts as they arrive; memory grows with the distinct pieces, not with the text
 * @throws ConfigError when vocabSize has no room for the alphabet and the special tokens
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
  const { pieces = 'gpt2', alphabet = 'bytes' } = options
  requireRoom(options, alphabet === 'bytes' ? 256 : 0)
  const preTokenizer = typeof pieces === 'string' ? namedPieces(pieces) : pieces
  const counter = pieceCounter(preTokenizer, options.normalizer)
  let read = 0
  const push = (part: string) => {
    counter.push(part)
    read += part.length
    options.onProgress?.({ stage: 'reading', done: read })
  }
  return eachPart(text, push, () => {
    const counted = counter.end()
    if (counted.total === 0) throw new DataError('trainBpe: the text is empty; give at least one character')
    const letters = alphabet === 'bytes' ? byteTrainingAlphabet() : characterTrainingAlphabet(counted.pieces(), options)
    const specials = specialsOf(options)
    const asked = requireRoom(options, letters.tokens.length)
    const first = options.specialsFirst ? specials.length : 0
    const tokens = new TokenBytes()
    letters.tokens.forEach((bytes, place) => {
      tokens.add(first + place, bytes)
    })
    const merges = learnMerges(tokens, {
      firstId: first + letters.tokens.length,
      fill(words) {
        for (const { bytes, count } of counted.pieces()) {
          const ids = words.reserve(bytes.length)
          const length = letters.write(bytes, ids)
          if (first > 0) for (let i = 0; i < length; i++) ids[i] += first
          words.commit(length, count)
        }
      },
      tokens: asked,
      leastCount: options.leastCount ?? 1,
      ties: options.ties ?? 'lowest ids',
      onMerge: (done) => options.onProgress?.({ stage: 'merging', done, total: asked }),
    })
    const ids = new Map(specials.map((name, i) => [name, first > 0 ? i : tokens.size + i]))
    const made = { tokens, merges, specials: ids, preTokenizer, options }
    return {
      ...(alphabet === 'bytes' ? byteTokenizer(made) : characterTokenizer(made)),
      report: {
        pieces: counted.total,
        distinctPieces: counted.distinct,
        askedTokens: asked,
        learnedTokens: tokens.size - first - letters.tokens.length,
        ...(options.trace ? { merges } : {}),
      },
    }
  })
}

interface Made {
  readonly tokens: TokenBytes
  readonly merges: readonly LearnedMerge[]
  readonly specials: ReadonlyMap<string, number>
  readonly preTokenizer: PreTokenizer
  readonly options: TrainBpeOptions
}

function byteTokenizer({ tokens, merges, specials, preTokenizer, options }: Made): BpeTokenizer {
  const { normalizer, decoder } = options
  const triples = merges.map(({ left, right, id }) => [left, right, id] as const)
  const given = decoder === undefined ? {} : { decoder }
  return assembledBpe({ tokens, merges: triples, specials, preTokenizer, normalizer, ...given })
}

function characterTokenizer({ tokens, merges, specials, preTokenizer, options }: Made): BpeTokenizer {
  const { unkToken, normalizer, decoder } = options
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  const vocab = new Map(specials)
  const spellings: string[] = []
  for (let id = 0; id < tokens.size; id++) {
    const bytes = tokens.bytesOf(id)
    if (bytes === undefined) continue
    spellings[id] = utf8.decode(bytes as Uint8Array<ArrayBuffer>)
    if (specials.has(spellings[id])) {
      throw new ConfigError(`trainBpe: ${spellings[id]} is an ordinary token too; give the special token another name`)
    }
    vocab.set(spellings[id], id)
  }
  const model = bpeModel({
    vocab,
    merges: merges.map(({ left, right }) => [spellings[left], spellings[right]] as const),
    unkToken,
  })
  const addedTokens = [...specials].map(([content, id]) => ({ content, id, special: true }))
  return {
    ...tokenizer({ model, normalizer, preTokenizer, decoder, addedTokens }),
    merges: merges.map(({ left, right }) => [left, right]),
  }
}

function specialsOf({ specials = [], unkToken }: TrainBpeOptions): readonly string[] {
  return unkToken === undefined || specials.includes(unkToken) ? specials : [unkToken, ...specials]
}

/** How many tokens are left to be learned. */
function requireRoom(options: TrainBpeOptions, letters: number): number {
  const specials = specialsOf(options)
  if (new Set(specials).size !== specials.length) throw new ConfigError('trainBpe: a special token is named twice')
  const least = letters + specials.length
  if (Number.isInteger(options.vocabSize) && options.vocabSize >= least) return options.vocabSize - least
  const alphabet = options.alphabet === 'characters' ? `${letters} characters (see limitAlphabet)` : `${letters} bytes`
  throw new ConfigError(
    `trainBpe: vocabSize is ${options.vocabSize}, but ${alphabet} and ${specials.length} special tokens need ${least} at least`,
  )
}
