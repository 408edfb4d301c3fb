import type { ExactOptions, LineOptions, MinHashOptions, NearOptions } from '../dedup/index.ts'
import type {
  DefaultFiltersOptions,
  LanguageOptions,
  PerplexityOptions,
  QualityFilterOptions,
} from '../filters/index.ts'
import type { Mix } from '../index.ts'
import type { NgramOptions } from '../language/index.ts'
import type { Split } from '../sources/index.ts'
import type { SelectOptions } from './select.ts'

/** How text becomes token shards: plain JSON, so that it can be written down and handed to workers. */
export interface Recipe {
  readonly read?: ReadSettings
  /** Settings of filters by their names; false leaves one out. Those that are not named are as they are by default. */
  readonly filters?: FilterSettings
  readonly dedup?: DedupSettings
  readonly tokenizer?: TokenizerSettings
  readonly mix?: Mix
  /** Tokens of a row into which documents are packed; without it they follow one another. */
  readonly rowTokens?: number
  /** Share of the documents that is set aside for validation. Default 0.01. */
  readonly validation?: number
  /** Of the shuffle, the mix and the choice of validation. Default 1. */
  readonly seed?: number
  /** Tokens of a file. Default 4,194,304. */
  readonly shardTokens?: number
}

/** Options of filters, which `alippe/data/filters` describes; false leaves one out. */
export interface FilterSettings
  extends Pick<DefaultFiltersOptions, 'repair' | 'length' | 'lineRules' | 'c4' | 'gopher' | 'repetition' | 'privacy'> {
  /** Which languages stay (`kk`), all of them by default; that they are told apart serves the other filters. */
  readonly language?: false | LanguageSettings
  /** Models of what good text looks like, one for each language or one for all; none unless given. */
  readonly perplexity?: readonly PerplexitySettings[]
  readonly quality?: readonly QualitySettings[]
}

export interface LanguageSettings extends Pick<LanguageOptions, 'keep' | 'leastConfidence'> {
  /** A model of fastText (`.bin`, `.ftz`) instead of the identifier that comes along. */
  readonly model?: string
}

export interface PerplexitySettings
  extends Pick<PerplexityOptions, 'language' | 'keep' | 'most' | 'least' | 'characters'>,
    Partial<Pick<NgramOptions, 'unit' | 'order'>> {
  /** Text that the model is learned from, named as inputs are. Bands are thirds of what the inputs hold. */
  readonly reference: readonly string[]
}

export interface QualitySettings extends Pick<QualityFilterOptions, 'language' | 'threshold' | 'pareto' | 'seed'> {
  /** Good text, and bad text, named as inputs are. */
  readonly good: readonly string[]
  readonly bad: readonly string[]
}

export interface ReadSettings {
  readonly textField?: string
  readonly idField?: string
  readonly split?: Split
  readonly encoding?: string
}

export interface DedupSettings {
  readonly exact?: false | ExactOptions
  readonly near?: false | (NearOptions & Pick<MinHashOptions, 'shingle' | 'seed'>)
  /** Lines that many documents have; off unless given. */
  readonly lines?: false | LineOptions
  /** Evaluation texts whose passages are taken out, named as inputs are; each document of theirs is an item. */
  readonly against?: readonly string[]
}

export interface TokenizerSettings {
  /** Anything that `alippe tokenizer` reads. Without it a byte-level BPE is learned from the text. */
  readonly file?: string
  /** Default 8192. */
  readonly vocabSize?: number
  /** The special token that stands between documents; by default the one that ends a text. */
  readonly separator?: string
  /** Characters that a tokenizer is learned from. Default 16 million. */
  readonly sample?: number
}

/** Whether a signature is made of each document, and of what. */
export function signatureOptions({ dedup = {} }: Recipe): MinHashOptions | undefined {
  const { near = {} } = dedup
  if (near === false) return undefined
  const { bands, rows, shingle, seed } = { ...defaultNear, ...near }
  return { hashes: bands * rows, shingle, seed }
}

const defaultNear = { bands: 14, rows: 8, verify: 0.7 }

/** How documents are compared with each other. */
export function selectOptions({ dedup = {} }: Recipe): SelectOptions {
  const { exact = {}, near = {}, lines = false } = dedup
  return {
    exact: exact !== false,
    ...(near !== false && { near: { ...defaultNear, ...near } }),
    ...(lines !== false && { lines }),
  }
}
