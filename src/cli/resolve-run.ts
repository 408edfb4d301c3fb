import { ConfigError } from '../base/index.ts'
import { batchesOf, buildModel, horizonOf, type LanguageModel, mup, presets } from '../models/index.ts'
import { parameterCount } from '../nn/index.ts'
import { hash, type PreparedTokens } from './corpus.ts'
import { type GivenSettings, identityOf, type RunSettings, runSettings } from './run-settings.ts'
import { fileKeys, validate } from './validate.ts'

export interface ResolvedRun {
  readonly settings: RunSettings
  /** What followed from the size of the model, by the names of its settings; empty where nobody turned the dial. */
  readonly derived: Readonly<Partial<RunSettings['training']>>
}

/**
 * The settings of a run: what was said, what follows from it, and the rest as it is by default. A depth without steps, or
 * a ratio of tokens to parameters, decides batch, learning rate and steps where they were not said.
 *
 * @param given what flags, then files said: earlier ones come first
 * @throws ConfigError for a model that cannot be
 */
export function resolveRun(...given: readonly GivenSettings[]): ResolvedRun {
  const said = merge(given)
  const preset = namedSize(said.model?.name)
  const known = preset ? merge([said, { tokenizer: { vocabulary: preset.vocabSize } }]) : said
  const settings = validate(runSettings, known, fileKeys('settings'))
  const { depth } = said.model ?? {}
  const { ratio, optimizer, tokens } = settings.training
  const { steps, batch, accumulate, learningRate } = said.training ?? {}
  // Whoever says the steps alone wants just these, of the usual size.
  if (ratio === undefined && (depth === undefined || steps !== undefined)) return { settings, derived: {} }

  const horizon = horizonOf(parameterCount(modelOf(settings).weights), ratio)
  const step = batchesOf(horizon.batchTokens, tokens, { batch, accumulate })
  // The law of the rate is AdamW's.
  const isAdam = optimizer === 'adamw' || optimizer === 'adamw-8bit'
  const derived = {
    ...(batch === undefined && { batch: step.batch }),
    ...(accumulate === undefined && { accumulate: step.accumulate }),
    ...(steps === undefined && { steps: Math.ceil(horizon.tokens / (step.batch * step.accumulate * tokens)) }),
    ...(learningRate === undefined && isAdam && { learningRate: Number(horizon.learningRate.toPrecision(2)) }),
  }
  return { settings: { ...settings, training: { ...settings.training, ...derived } }, derived }
}

/**
 * The model of some settings.
 *
 * @param vocabSize of the tokenizer, which may have found fewer tokens in its text than were asked for
 * @throws ConfigError for sizes that do not fit, and for what a model that has a name lacks
 */
export function modelOf({ model, tokenizer, training }: RunSettings, vocabSize = tokenizer.vocabulary): LanguageModel {
  const { name, context, ...sizes } = model
  const made = buildModel({ ...sizes, model: name, vocabSize, context: context ?? training.tokens })
  const other = 'or take llama or gpt2'
  if (context !== undefined && context !== made.context)
    throw new ConfigError(`${name} has its own context of ${made.context}, got ${context}: leave it out, ${other}`)
  if (vocabSize > made.vocabSize)
    throw new ConfigError(
      `the tokenizer has ${vocabSize} tokens, but ${name} knows ${made.vocabSize}: lower --vocab, ${other}`,
    )
  return training.mup > 0 ? mup(made, { baseWidth: training.mup }) : made
}

/** Names a run by what makes it what it is. */
export function nameOf(
  model: LanguageModel,
  { name }: PreparedTokens,
  settings: RunSettings['training'],
): Promise<string> {
  return hash(JSON.stringify([model.config, name, identityOf(settings)]))
}

const namedSize = (name = '') => (Object.hasOwn(presets, name) ? presets[name as keyof typeof presets] : undefined)

/** Section by section, what stands first; undefined says nothing. */
function merge(given: readonly GivenSettings[]): GivenSettings {
  const sections: Record<string, object> = {}
  for (const one of given.toReversed()) {
    for (const [name, section] of Object.entries(one)) {
      const said = Object.entries(section ?? {}).filter(([, value]) => value !== undefined)
      sections[name] = { ...sections[name], ...Object.fromEntries(said) }
    }
  }
  return sections
}
