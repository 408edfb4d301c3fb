import { type Gpt2Config, gpt2Sizes } from './gpt2.ts'

/** Models that have a name: GPT-2 as it was published, and two small ones of its kind, which the benches measure. */
export const presets = {
  ...gpt2Sizes,
  small: { vocabSize: 4096, context: 256, width: 384, layers: 6, heads: 6 },
  tiny: { vocabSize: 512, context: 128, width: 128, layers: 4, heads: 4 },
} as const satisfies Record<string, Gpt2Config>

/** What `model` of a {@link ModelRequest} may be: a family, or a model that has a name. */
export const modelNames = ['llama', 'gpt2', ...(Object.keys(presets) as (keyof typeof presets)[])] as const
