import { readFile } from 'node:fs/promises'
import { Contamination, contaminationFilter, minHasher, RepeatedLines } from '../../data/dedup/index.ts'
import { defaultFilters, type Filter, language, perplexity, quality } from '../../data/filters/index.ts'
import { fastTextIdentifier, languageIdentifier, readFastText } from '../../data/language/index.ts'
import { type Cleaning, type Recipe, signatureOptions } from '../../data/prepare/index.ts'
import { fileError } from '../files.ts'
import type { LearnedJudges } from './judges.ts'
import { openSources } from './read-sources.ts'

/** Builds what every document passes, by a recipe. Loading it takes up to a second, once in every worker. */
export async function cleaningOf({ filters = {}, dedup = {} }: Recipe, judges: LearnedJudges): Promise<Cleaning> {
  const more: Filter[] = [
    ...judges.perplexity.map((settings) => perplexity(settings)),
    ...judges.quality.map((settings) => quality(settings)),
  ]
  if (dedup.against !== undefined) more.push(await contaminationOf(dedup.against))
  const { perplexity: _p, quality: _q, language: _l, ...rules } = filters
  const { exact = {}, lines = false } = dedup
  const signatures = signatureOptions({ dedup })
  return {
    filters: defaultFilters({ ...rules, language: await languageFilter(filters.language), more }),
    ...(exact !== false && { exact }),
    ...(signatures && { hasher: minHasher(signatures) }),
    ...(lines !== false && { lines: new RepeatedLines(lines) }),
  }
}

async function languageFilter(settings: NonNullable<Recipe['filters']>['language'] = {}): Promise<Filter | undefined> {
  if (settings === false) return undefined
  const { model, ...options } = settings
  const identifier =
    model === undefined ? await languageIdentifier() : fastTextIdentifier(readFastText(await bytesOf(model), model))
  return language({ identifier, ...options })
}

async function contaminationOf(names: readonly string[]): Promise<Filter> {
  const items = []
  for await (const { id, text } of await openSources(names)) items.push({ id, text })
  return contaminationFilter(new Contamination(items)) as Filter
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error) => {
    throw fileError('read', path, error)
  })
}

/** Everything that a cleaned block depends on, as plain JSON. */
export function cleaningKey({ filters, exact, hasher }: Cleaning, { read, dedup = {} }: Recipe): unknown {
  return [
    read ?? {},
    filters.map(({ name, settings }) => [name, settings]),
    exact ?? null,
    hasher === undefined ? null : signatureOptions({ dedup }),
    dedup.lines ?? null,
  ]
}
