import { z } from 'zod'
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
import { readToml } from './read-toml.ts'

/** A schema for each key of a settings type, so that no key can be forgotten when the type grows. */
type Fields<T> = { readonly [K in keyof Required<T>]: z.ZodType<Required<T>[K]> }

/** A table in which everything may be left out but the `needed`. */
function table<T>(fields: Fields<T>, ...needed: (keyof T)[]): z.ZodType<T> {
  const entries = Object.entries(fields as Record<string, z.ZodType>)
  const shape = entries.map(([key, field]) => [key, needed.includes(key as keyof T) ? field : field.optional()])
  return z.strictObject(Object.fromEntries(shape)) as unknown as z.ZodType<T>
}

/** `false` switches off what the table sets up. */
const filter = <T>(fields: Fields<T>) => z.union([table(fields), z.literal(false)])

const flag = z.boolean()
const text = z.string()
const texts = z.array(text)
const whole = (least: number) => z.int().min(least)
const number = z.number().min(0)
const share = z.number().min(0).max(1)

const split = z.union([z.enum(['file', 'line', 'blank line']), table({ separator: text }, 'separator')])

const perplexity: Fields<PerplexitySettings> = {
  reference: texts,
  language: text,
  keep: z.array(z.enum(['head', 'middle', 'tail'])),
  most: number,
  least: number,
  characters: whole(1),
  unit: z.enum(['word', 'character']),
  order: whole(1),
}

const quality: Fields<QualitySettings> = {
  good: texts,
  bad: texts,
  language: text,
  threshold: share,
  pareto: number,
  seed: whole(0),
}

const filters: Fields<FilterSettings> = {
  repair: filter<RepairOptions>({ mojibake: flag, lookAlikes: flag, mostLost: share }),
  length: filter<LengthOptions>({ least: number, most: number }),
  language: filter<LanguageSettings>({ keep: texts, leastConfidence: share, model: text }),
  lineRules: filter<LineRulesOptions>({ edge: number, mostWords: number, also: texts }),
  c4: filter<C4Options>({
    terminals: flag,
    leastLineWords: number,
    leastSentences: number,
    mostBraces: number,
  }),
  gopher: filter<GopherOptions>({
    leastWords: number,
    mostWords: number,
    mostSymbols: number,
    mostBullets: share,
    mostEllipses: share,
    leastLettered: share,
    leastStopWords: number,
  }),
  repetition: filter<RepetitionOptions>({
    mostLines: share,
    mostLineCharacters: share,
    mostInTop: z.array(share),
    mostInRepeated: z.array(share),
  }),
  privacy: filter<PrivacyOptions>({
    kinds: z.array(z.enum(['email', 'phone', 'ip', 'card', 'iin', 'iban'])),
    by: z.enum(['token', 'example']),
  }),
  perplexity: z.array(table(perplexity, 'reference')),
  quality: z.array(table(quality, 'good', 'bad')),
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

const weights = z.record(text, number)

const recipe = table<Recipe>({
  read: table({ textField: text, idField: text, split, encoding: text } satisfies Fields<ReadSettings>),
  filters: table(filters),
  dedup: table(dedup),
  tokenizer: table({
    file: text,
    vocabSize: whole(257),
    separator: text,
    sample: whole(1),
  } satisfies Fields<TokenizerSettings>),
  mix: table({
    weights,
    temperature: number,
    epochs: number,
    stages: z.array(table({ share: number, weights }, 'share')),
  } satisfies Fields<Mix>),
  rowTokens: whole(2),
  validation: share,
  seed: whole(0),
  shardTokens: whole(1),
})

/**
 * Reads a recipe of `alippe data` from TOML.
 *
 * @throws ConfigError that names file, key, and what must stand there
 */
export const readDataRecipe = (path: string): Promise<Recipe> => readToml(path, recipe)
