import type { Command } from 'commander'
import { ConfigError } from '../base/index.ts'
import { chooseBands } from '../data/dedup/index.ts'
import type { FilterSettings, Recipe } from '../data/prepare/index.ts'
import { readDataRecipe } from './data-recipe.ts'
import { numberIn, wholeNumber } from './engine.ts'
import { nearest } from './nearest.ts'

// Options that several verbs of `alippe data` take, and the recipe that they make together.

export interface ReadFlags {
  readonly textField?: string
  readonly split?: string
}

export interface FilterFlags {
  readonly recipe?: string
  readonly languages?: readonly string[]
  readonly without?: readonly string[]
}

export interface DedupFlags {
  readonly exact?: boolean
  readonly near?: boolean
  readonly nearThreshold?: number
  readonly lines?: boolean
  readonly against?: readonly string[]
}

export interface ShardFlags {
  readonly tokenizer?: string
  readonly vocab?: number
  readonly tokens?: number
  readonly weights?: string
  readonly temperature?: number
  readonly epochs?: number
  readonly validation?: number
  readonly seed?: number
}

/** Hash functions of a signature where a threshold chooses how they are put into bands: as many as by default. */
const signatureHashes = 112

export function withReading(command: Command): Command {
  return command
    .option(
      '--text-field <name>',
      'field of records that holds the text (default: text, content and other usual names)',
    )
    .option(
      '--split <how>',
      'plain text as documents: file, line, "blank line", or what stands between them',
      unescaped,
    )
}

export function withFilters(command: Command): Command {
  return command
    .option('--recipe <file>', 'settings in TOML, as recipes/data.toml; flags come before it')
    .option('--languages <codes...>', 'languages that stay, as en kk (default: all)')
    .option('--without <filters...>', `filters to leave out: ${Object.keys(filterKeys).join(', ')}, or all`)
}

export function withDedup(command: Command): Command {
  return command
    .option('--no-exact', 'keep documents that are equal to others')
    .option('--no-near', 'keep documents that are similar to others')
    .option(
      '--near-threshold <x>',
      'how similar, 0 to 1: share of common 5-word sequences (default: 0.7)',
      numberIn(0, 1),
    )
    .option('--lines', 'remove lines that many documents have, from all but the first')
    .option('--against <files...>', 'evaluation texts, whose passages are taken out')
}

export function withShards(command: Command): Command {
  return command
    .option('--tokens <n>', 'pack documents into rows of so many tokens', wholeNumber(2))
    .option('--weights <list>', 'shares of sources, as web=3,wiki=1 (default: what they hold)')
    .option('--temperature <t>', 'raise small sources: they count by size^(1/t)', numberIn(0))
    .option('--epochs <n>', 'the most often that a document is told (default: 1)', numberIn(0))
    .option('--validation <share>', 'documents set aside (default: 0.01)', numberIn(0, 1))
    .option('--seed <n>', 'of the shuffle, the mix and what is set aside (default: 1)', wholeNumber(0))
}

/** Filters by the names that reports use. */
const filterKeys: Readonly<Record<string, keyof FilterSettings>> = {
  repair: 'repair',
  length: 'length',
  language: 'language',
  'line-rules': 'lineRules',
  c4: 'c4',
  gopher: 'gopher',
  repetition: 'repetition',
  perplexity: 'perplexity',
  quality: 'quality',
  privacy: 'privacy',
}

/** No filter at all. */
export const noFilters = withoutFilters({}, ['all'])

/**
 * The recipe of a command line: what its file says, then what its flags say.
 *
 * @throws ConfigError that names the flag, or the file and the key
 */
export async function recipeOf(flags: ReadFlags & FilterFlags & DedupFlags & ShardFlags): Promise<Recipe> {
  const file = flags.recipe === undefined ? {} : await readDataRecipe(flags.recipe)
  const { textField, languages, tokenizer, vocab, tokens, weights, temperature, epochs, validation, seed } = flags
  const filters = {
    ...file.filters,
    ...(languages && { language: { ...(file.filters?.language || {}), keep: languages } }),
  }
  return withoutEmpty({
    ...file,
    read: {
      ...file.read,
      ...given({ textField, split: flags.split === undefined ? undefined : splitOf(flags.split) }),
    },
    filters: withoutFilters(filters, flags.without ?? []),
    dedup: dedupOf(flags, file.dedup),
    tokenizer: { ...file.tokenizer, ...given({ file: tokenizer, vocabSize: vocab }) },
    mix: {
      ...file.mix,
      ...given({ weights: weights === undefined ? undefined : weightsOf(weights), temperature, epochs }),
    },
    ...given({ rowTokens: tokens, validation, seed }),
  })
}

function dedupOf(
  { exact, near, nearThreshold, lines, against }: DedupFlags,
  file: Recipe['dedup'] = {},
): NonNullable<Recipe['dedup']> {
  if (nearThreshold === 0 || nearThreshold === 1) {
    throw new ConfigError(`--near-threshold must lie between 0 and 1, got ${nearThreshold}`)
  }
  const bands = nearThreshold && { ...chooseBands(signatureHashes, nearThreshold), verify: nearThreshold }
  return {
    ...file,
    ...(exact === false && { exact: false }),
    ...(bands && { near: { ...file.near, ...bands } }),
    ...(near === false && { near: false }),
    ...(lines && { lines: file.lines || {} }),
    ...(against && { against }),
  }
}

function withoutFilters(filters: FilterSettings, names: readonly string[]): FilterSettings {
  const keys = names.flatMap((name) => {
    if (name === 'all') return Object.values(filterKeys)
    if (Object.hasOwn(filterKeys, name)) return [filterKeys[name]]
    const known = [...Object.keys(filterKeys), 'all']
    const near = nearest(name, known)
    throw new ConfigError(
      `--without: there is no filter ${name}${near ? `; did you mean ${near}?` : `; there are ${known.join(', ')}`}`,
    )
  })
  const learned = ['perplexity', 'quality']
  const off = keys.map((key) => [key, learned.includes(key) ? undefined : false])
  return given({ ...filters, ...Object.fromEntries(off) })
}

/** How plain text is cut, by what was written behind --split. */
export function splitOf(text: string): NonNullable<NonNullable<Recipe['read']>['split']> {
  return text === 'file' || text === 'line' || text === 'blank line' ? text : { separator: text }
}

/** `\n` and `\t`, which are hard to write in a shell. */
const unescaped = (text: string) => text.replaceAll('\\n', '\n').replaceAll('\\t', '\t')

function weightsOf(text: string): Record<string, number> {
  const weights: Record<string, number> = {}
  for (const pair of text.split(',')) {
    const at = pair.lastIndexOf('=')
    const weight = Number(pair.slice(at + 1))
    if (at < 1 || pair.slice(at + 1).trim() === '' || !(weight >= 0)) {
      throw new ConfigError(`--weights takes NAME=SHARE,NAME=SHARE, as web=3,wiki=1; got ${pair || 'nothing'}`)
    }
    weights[pair.slice(0, at).trim()] = weight
  }
  return weights
}

/** What is not undefined of some settings. */
function given<T extends object>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T
}

/** Without tables that say nothing: they would make another key of the same recipe. */
function withoutEmpty(recipe: Recipe): Recipe {
  const entries = Object.entries(recipe).filter(
    ([, value]) => typeof value !== 'object' || Object.keys(value).length > 0,
  )
  return Object.fromEntries(entries)
}
