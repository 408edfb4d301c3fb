import { ConfigError } from '../base/index.ts'

/** How a model that was trained on short texts turns slower to read longer ones; entries as in config.json's `rope_scaling`. */
export type RopeScaling =
  | { readonly rope_type: 'linear'; readonly factor: number }
  | {
      readonly rope_type: 'llama3'
      readonly factor: number
      readonly low_freq_factor: number
      readonly high_freq_factor: number
      readonly original_max_position_embeddings: number
    }

/**
 * How many times slower each rotary pair turns.
 *
 * `linear` slows all of them alike. `llama3` leaves those alone that turn often within the original context, slows those that
 * turn seldom, and goes from one to the other between. Source: Chen et al. 2023, §2.3; Llama 3.1's reference code
 * (`apply_scaling` in github.com/meta-llama/llama-models).
 *
 * @param width D, even
 * @returns `[D/2]`
 *
 * @example
 * rotaryFactors({ rope_type: 'linear', factor: 4 }, 4, 10000) // [4, 4]
 */
export function rotaryFactors(scaling: RopeScaling, width: number, theta: number): Float32Array {
  return Float32Array.from({ length: width / 2 }, (_, j) => {
    if (scaling.rope_type === 'linear') return scaling.factor
    const turns = scaling.original_max_position_embeddings / (2 * Math.PI * theta ** ((2 * j) / width))
    const { factor, low_freq_factor: low, high_freq_factor: high } = scaling
    if (turns > high) return 1
    if (turns < low) return factor
    const kept = (turns - low) / (high - low)
    return 1 / ((1 - kept) / factor + kept)
  })
}

const needed: Readonly<Record<string, readonly string[]>> = {
  linear: ['factor'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'],
}

/**
 * The entry `rope_scaling` of a config.json; undefined when it is absent, null or of type `default`.
 *
 * @throws ConfigError for a type that is not computed here, or a number that is missing
 *
 * @example
 * ropeScaling({ rope_scaling: { type: 'linear', factor: 2 } }) // { rope_type: 'linear', factor: 2 }
 */
export function ropeScaling(config: Readonly<Record<string, unknown>>): RopeScaling | undefined {
  const entry = (config.rope_scaling ?? undefined) as Readonly<Record<string, unknown>> | undefined
  const type = entry?.rope_type ?? entry?.type ?? 'default'
  if (entry === undefined || type === 'default') return undefined
  if (typeof type !== 'string' || !Object.hasOwn(needed, type)) {
    throw new ConfigError(
      `config.json: rope_scaling of type ${JSON.stringify(type)} is not known; there are default, ${Object.keys(needed).join(', ')}`,
    )
  }
  const numbers = needed[type].map((name) => {
    const value = entry[name]
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return [name, value]
    throw new ConfigError(`config.json: ${name} of rope_scaling must be a number above 0, got ${JSON.stringify(value)}`)
  })
  return { rope_type: type, ...Object.fromEntries(numbers) } as RopeScaling
}
