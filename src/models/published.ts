import { ConfigError } from '../base/index.ts'
import { modelFromConfig } from './build.ts'
import { type ConfigEntries, mostLayers, positiveEntry, wholeEntry } from './config-fields.ts'
import { gpt2Layout } from './gpt2-layout.ts'
import { llamaEntries, llamaLayout } from './llama-layout.ts'
import type { LanguageModel } from './model.ts'
import type { PublishedLayout } from './published-layout.ts'

const layouts: Readonly<Record<string, PublishedLayout>> = { gpt2: gpt2Layout, llama: llamaLayout }

/**
 * The published layout of a model's family.
 *
 * @throws ConfigError for a family whose layout is not known
 *
 * @example
 * publishedLayout('gpt2').prefix // 'transformer.'
 */
export function publishedLayout(family: string): PublishedLayout {
  if (Object.hasOwn(layouts, family)) return layouts[family]
  throw new ConfigError(
    `the published layout of ${family} is not known; there is one for ${Object.keys(layouts).join(', ')}`,
  )
}

/**
 * The model that a config.json describes which somebody else wrote: of transformers 4 or 5, or broken.
 *
 * @throws ConfigError for a family that is not known, an entry that is missing or out of range, and what is not computed here
 *
 * @example
 * const { family, config } = buildModel({ model: 'llama', depth: 1, vocabSize: 256, context: 64 })
 * publishedModel({ model_type: family, ...config }).context // 64
 */
export function publishedModel(entries: ConfigEntries): LanguageModel {
  if (entries.model_type === 'llama') return modelFromConfig(llamaEntries(entries))
  if (entries.model_type === 'gpt2') {
    for (const name of ['vocab_size', 'n_positions', 'n_embd', 'n_head']) wholeEntry(entries, name)
    wholeEntry(entries, 'n_layer', { most: mostLayers })
    positiveEntry(entries, 'layer_norm_epsilon', 1e-5)
  }
  return modelFromConfig(entries)
}
