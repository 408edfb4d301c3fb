import { readFile } from 'node:fs/promises'
import { parse } from 'smol-toml'
import { ConfigError } from '../base/index.ts'
import type { ExactOptions, LineOptions } from '../data/dedup/index.ts'
import type {
  C4Options,
  GopherOptions,
  LengthOptions,
  LineRulesOptions,
  PrivacyOptions,
  RepairOptions,
  RepetitionOptions,
} from '../data/filters/index.ts'
import type { Mix } from '../data/index.ts'
import type {
  DedupSettings,
  FilterSettings,
  LanguageSettings,
  PerplexitySettings,
  QualitySettings,
  ReadSettings,
  Recipe,
  TokenizerSettings,
} from '../data/prepare/index.ts'
import { type Check, type Fields, flag, having, list, named, number, orFalse, table, text, whole } from './checks.ts'

const share = number(0, 1)
const texts = list(text())
const filter = <T>(fields: Fields<T>) => orFalse(table(fields))

const split: Check = (value, place) => {
  if (typeof value === 'object') having(['separator'], table({ separator: text() }))(value, place)
  else text('file', 'line', 'blank line')(value, place)
}

const perplexity: Fields<PerplexitySettings> = {
  reference: texts,
  language: text(),
  keep: list(text('head', 'middle', 'tail')),
  most: number(0),
  least: number(0),
  characters: whole(1),
  unit: text('word', 'character'),
  order: whole(1),
}

const quality: Fields<QualitySettings> = {
  good: texts,
  bad: texts,
  language: text(),
  threshold: share,
  pareto: number(0),
  seed: whole(0),
}

const filters: Fields<FilterSettings> = {
  repair: filter<RepairOptions>({ mojibake: flag, lookAlikes: flag, mostLost: share }),
  length: filter<LengthOptions>({ least: number(0), most: number(0) }),
  language: filter<LanguageSettings>({ keep: texts, leastConfidence: share, model: text() }),
  lineRules: filter<LineRulesOptions>({ edge: number(0), mostWords: number(0), also: texts }),
  c4: filter<C4Options>({
    terminals: flag,
    leastLineWords: number(0),
    leastSentences: number(0),
    mostBraces: number(0),
  }),
  gopher: filter<GopherOptions>({
    leastWords: number(0),
    mostWords: number(0),
    mostSymbols: number(0),
    mostBullets: share,
    mostEllipses: share,
    leastLettered: share,
    leastStopWords: number(0),
  }),
  repetition: filter<RepetitionOptions>({
    mostLines: share,
    mostLineCharacters: share,
    mostInTop: list(share),
    mostInRepeated: list(share),
  }),
  privacy: filter<PrivacyOptions>({
    kinds: list(text('email', 'phone', 'ip', 'card', 'iin', 'iban')),
    by: text('token', 'example'),
  }),
  perplexity: list(having(['reference'], table(perplexity))),
  quality: list(having(['good', 'bad'], table(quality))),
}

const dedup: Fields<DedupSettings> = {
  exact: filter<ExactOptions>({ normalized: flag }),
  near: filter<Exclude<NonNullable<DedupSettings['near']>, false>>({
    bands: whole(1),
    rows: whole(1),
    verify: share,
    shingle: whole(1),
    seed: whole(0),
  }),
  lines: filter<LineOptions>({ moreThan: whole(1), keepFirst: whole(0), normalized: flag, shortest: whole(1) }),
  against: texts,
}

const weights = named(number(0))

const recipe: Fields<Recipe> = {
  read: table({ textField: text(), idField: text(), split, encoding: text() } satisfies Fields<ReadSettings>),
  filters: table(filters),
  dedup: table(dedup),
  tokenizer: table({
    file: text(),
    vocabSize: whole(257),
    separator: text(),
    sample: whole(1),
  } satisfies Fields<TokenizerSettings>),
  mix: table({
    weights,
    temperature: number(0),
    epochs: number(0),
    stages: list(having(['share'], table({ share: number(0), weights }))),
  } satisfies Fields<Mix>),
  rowTokens: whole(2),
  validation: share,
  seed: whole(0),
  shardTokens: whole(1),
}

/**
 * Reads a recipe of `alippe data` from TOML.
 *
 * @throws ConfigError that names file, key, and what must stand there
 */
export async function readDataRecipe(path: string): Promise<Recipe> {
  const source = await readFile(path, 'utf8').catch((error) => {
    throw new ConfigError(`${path}: cannot be read (${error.code})`)
  })
  let value: unknown
  try {
    value = parse(source)
  } catch (error) {
    throw new ConfigError(`${path}: is not TOML (${(error as Error).message.split('\n')[0]})`)
  }
  table(recipe)(value, path)
  return value as Recipe
}
