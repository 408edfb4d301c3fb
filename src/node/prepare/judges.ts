import { DataError } from '../../base/index.ts'
import type { PerplexityOptions, QualityFilterOptions } from '../../data/filters/index.ts'
import { type Documents, type Folder, sha256 } from '../../data/index.ts'
import {
  NgramCounts,
  type NgramModel,
  perplexityBands,
  QualityTrainer,
  readNgramModel,
  readQualityModel,
  sampleOf,
  writeNgramModel,
  writeQualityModel,
} from '../../data/language/index.ts'
import type { PerplexitySettings, QualitySettings, Recipe } from '../../data/prepare/index.ts'
import { openSources } from './read-sources.ts'

/** Filters that learned what they judge by. */
export interface LearnedJudges {
  readonly perplexity: readonly PerplexityOptions[]
  readonly quality: readonly QualityFilterOptions[]
}

/** The same with the names of files in the folder of work in place of models: plain JSON, for workers. */
export interface JudgeFiles {
  readonly perplexity: readonly (Omit<PerplexityOptions, 'model'> & { readonly file: string })[]
  readonly quality: readonly (Omit<QualityFilterOptions, 'model'> & { readonly file: string })[]
}

/**
 * Learns the models that a recipe asks for, unless an earlier attempt did.
 *
 * @param sample some documents of the inputs, by which bands of perplexity are set
 */
export async function learnJudges(recipe: Recipe, folder: Folder, sample: () => Documents): Promise<JudgeFiles> {
  const { perplexity = [], quality = [] } = recipe.filters ?? {}
  const files: { perplexity: JudgeFiles['perplexity'][number][]; quality: JudgeFiles['quality'][number][] } = {
    perplexity: [],
    quality: [],
  }
  for (const settings of perplexity) {
    const { reference, unit, order, ...options } = settings
    const file = await modelFile(settings, reference)
    if ((await folder.size(file)) === undefined) await folder.write(file, writeNgramModel(await learnNgrams(settings)))
    const model = readNgramModel(await wholeOf(folder, file), file)
    files.perplexity.push({ ...options, file, ...(options.keep && { bands: await bandsOf(model, options, sample) }) })
  }
  for (const settings of quality) {
    const { good, bad, ...options } = settings
    const file = await modelFile(settings, [...good, ...bad])
    if ((await folder.size(file)) === undefined) {
      const trainer = new QualityTrainer()
      for await (const { text } of await openSources(good)) trainer.add(text, true)
      for await (const { text } of await openSources(bad)) trainer.add(text, false)
      await folder.write(file, writeQualityModel(trainer.train()))
    }
    files.quality.push({ ...options, file })
  }
  return files
}

/** Reads the models that {@link learnJudges} wrote. */
export async function readJudges(folder: Folder, files: JudgeFiles): Promise<LearnedJudges> {
  const perplexity: PerplexityOptions[] = []
  for (const { file, ...options } of files.perplexity) {
    perplexity.push({ ...options, model: readNgramModel(await wholeOf(folder, file), file) })
  }
  const quality: QualityFilterOptions[] = []
  for (const { file, ...options } of files.quality) {
    quality.push({ ...options, model: readQualityModel(await wholeOf(folder, file), file) })
  }
  return { perplexity, quality }
}

/** Named by its settings, and by names and versions of the files that it is learned from. */
async function modelFile(settings: PerplexitySettings | QualitySettings, names: readonly string[]): Promise<string> {
  const { description } = await openSources(names)
  return `models/${(await sha256(JSON.stringify([settings, description]))).slice(0, 16)}`
}

async function learnNgrams({ reference, unit = 'word', order }: PerplexitySettings): Promise<NgramModel> {
  const counts = new NgramCounts({ unit, order })
  for await (const { text } of await openSources(reference)) counts.add(text)
  return counts.model()
}

async function bandsOf(
  model: NgramModel,
  { language, characters = model.unit === 'word' ? 300 : 150 }: Pick<PerplexityOptions, 'language' | 'characters'>,
  sample: () => Documents,
): Promise<PerplexityOptions['bands']> {
  const figures: number[] = []
  for await (const { text, meta } of sample()) {
    if (language !== undefined && meta.language !== undefined && meta.language !== language) continue
    const found = model.perplexity(sampleOf(text, characters))
    if (found !== undefined) figures.push(found)
  }
  if (figures.length === 0) throw new DataError('perplexity: the inputs hold no words by which bands could be set')
  return perplexityBands(figures)
}

async function wholeOf(folder: Folder, name: string): Promise<Uint8Array> {
  return folder.read(name, 0, (await folder.size(name)) ?? 0)
}
