import { random } from '../../src/base/index.ts'
import type { Batch } from '../../src/data/index.ts'
import { type Gpt2Config, presets } from '../../src/models/index.ts'
import { adamw } from '../../src/optim/index.ts'

/** A model and the batches that it is trained on. */
export interface Setup {
  readonly name: string
  readonly config: Gpt2Config
  /** B */
  readonly batch: number
  /** T */
  readonly tokens: number
}

/** The sizes that training is measured at. */
export const setups = {
  'gpt2-124m': { name: 'gpt2-124m', config: presets['gpt2-124m'], batch: 4, tokens: 256 },
  'gpt2-124m long': { name: 'gpt2-124m', config: presets['gpt2-124m'], batch: 1, tokens: 1024 },
  small: { name: 'small', config: presets.small, batch: 16, tokens: 256 },
  tiny: { name: 'tiny', config: presets.tiny, batch: 32, tokens: 128 },
} as const satisfies Record<string, Setup>

export const recipe = { learningRate: 1e-4, weightDecay: 0.1, clip: 1 }

export const optimizer = () => adamw(recipe)

/** One batch of random ids: time and memory do not depend on what is learned. */
export function randomBatch({ config, batch, tokens }: Setup): Batch {
  const rng = random(1)
  const draw = () => Int32Array.from({ length: batch * tokens }, () => rng.integer(config.vocabSize))
  return { inputs: draw(), targets: draw(), batch, tokens }
}
