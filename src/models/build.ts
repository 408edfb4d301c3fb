import { ConfigError } from '../base/index.ts'
import { positiveEntry, wholeEntry } from './config-fields.ts'
import { shapeOf } from './dial.ts'
import { gpt2 } from './gpt2.ts'
import { checkGpt2Config } from './gpt2-layout.ts'
import { llama } from './llama.ts'
import type { LanguageModel } from './model.ts'
import { modelNames, presets } from './presets.ts'
import { ropeScaling } from './rope-scaling.ts'

/** What is asked of a model when it is made; what is missing follows from the family and the depth. */
export interface ModelRequest {
  /** `llama`, `gpt2`, or a model that has a name, such as `gpt2-124m`: it is what it is, whatever else is asked. */
  readonly model: string
  readonly vocabSize: number
  readonly context: number
  /** Layers; the width follows: 64 a layer. */
  readonly depth?: number
  readonly width?: number
  readonly heads?: number
  readonly keyValueHeads?: number
  readonly hidden?: number
}

/**
 * Makes a model from a few settings.
 *
 * @throws ConfigError for a name that is not known, and for sizes of a model that has its own
 * @example
 * buildModel({ model: 'llama', depth: 4, vocabSize: 2048, context: 256 }).config.hidden_size // 256
 */
export function buildModel(request: ModelRequest): LanguageModel {
  const { model, vocabSize, context, depth = 4, keyValueHeads, hidden } = request
  if (Object.hasOwn(presets, model)) {
    const { width, heads } = request
    const given = Object.entries({ depth: request.depth, width, heads, keyValueHeads, hidden })
    for (const [name, value] of given) {
      if (value !== undefined)
        throw new ConfigError(`${model} has its own ${name}, got ${value}: leave it out, or take llama or gpt2`)
    }
    return gpt2(presets[model as keyof typeof presets])
  }
  const shape = shapeOf(depth, request.width)
  const size = { vocabSize, context, width: shape.width, layers: depth, heads: request.heads ?? shape.heads }
  if (model === 'llama') return llama({ ...size, keyValueHeads, hidden })
  if (model === 'gpt2') return gpt2(size)
  throw new ConfigError(`there is no model called ${model}; there are ${modelNames.join(', ')}`)
}

/**
 * The model that a config.json describes.
 *
 * @throws ConfigError for a family that is not known or an entry that is missing
 *
 * @example
 * const { family, config } = buildModel({ model: 'llama', depth: 1, vocabSize: 256, context: 64 })
 * modelFromConfig({ model_type: family, ...config }).context // 64
 */
export function modelFromConfig(config: Readonly<Record<string, unknown>>): LanguageModel {
  const whole = (name: string) => wholeEntry(config, name)
  const positive = (name: string) => positiveEntry(config, name)
  const optional = <T>(entry: (name: string) => T, name: string) =>
    config[name] === undefined ? undefined : entry(name)
  switch (config.model_type) {
    case 'gpt2':
      checkGpt2Config(config)
      return gpt2({
        vocabSize: whole('vocab_size'),
        context: whole('n_positions'),
        width: whole('n_embd'),
        layers: whole('n_layer'),
        heads: whole('n_head'),
        normEpsilon: optional(positive, 'layer_norm_epsilon'),
      })
    case 'llama':
      return llama({
        vocabSize: whole('vocab_size'),
        context: whole('max_position_embeddings'),
        width: whole('hidden_size'),
        layers: whole('num_hidden_layers'),
        heads: whole('num_attention_heads'),
        keyValueHeads: whole('num_key_value_heads'),
        hidden: whole('intermediate_size'),
        headWidth: optional(whole, 'head_dim'),
        ropeTheta: positive('rope_theta'),
        ropeScaling: ropeScaling(config),
        normEpsilon: optional(positive, 'rms_norm_eps'),
        tied: config.tie_word_embeddings === true,
      })
    default:
      throw new ConfigError(
        `config.json: model_type ${JSON.stringify(config.model_type)} is not known; there are gpt2 and llama`,
      )
  }
}
