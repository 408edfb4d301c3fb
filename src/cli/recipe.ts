import { readFile } from 'node:fs/promises'
import { parse } from 'smol-toml'
import { ConfigError } from '../base/index.ts'
import type { SessionSettings } from './session.ts'

/** A story from text to a trained model, as `recipes/*.toml` tell it. */
export interface Recipe {
  readonly corpus: {
    /** Seed of the world. */
    readonly world: number
    /** Ten people each. */
    readonly families: number
    readonly villages: number
    readonly documents: number
  }
  readonly tokenizer: { readonly vocabulary: number }
  readonly model: {
    readonly family: string
    readonly layers: number
    readonly width: number
    readonly heads: number
    readonly keyValueHeads: number
    readonly context: number
  }
  readonly training: SessionSettings
}

/** What each entry must be: an example of its type. */
const pattern: Recipe = {
  corpus: { world: 1, families: 1, villages: 1, documents: 1 },
  tokenizer: { vocabulary: 1 },
  model: { family: '', layers: 1, width: 1, heads: 1, keyValueHeads: 1, context: 1 },
  training: {
    steps: 1,
    batch: 1,
    tokens: 1,
    learningRate: 1,
    warmup: 1,
    weightDecay: 1,
    clip: 1,
    accumulate: 1,
    precision: 'f32',
    seed: 1,
    evaluateEvery: 1,
    evaluationBatches: 1,
    saveEvery: 1,
    keepCheckpoints: 1,
    onSpike: 'stop',
    spike: 1,
  },
}

/**
 * Reads a recipe.
 *
 * @throws ConfigError that names the entry which is missing, unknown or of the wrong type
 */
export async function readRecipe(path: string): Promise<Recipe> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new ConfigError(`${path}: cannot be read`)
  })
  let recipe: unknown
  try {
    recipe = parse(text)
  } catch (error) {
    throw new ConfigError(`${path}: is not TOML (${(error as Error).message.split('\n')[0]})`)
  }
  check(path, recipe as Record<string, unknown>, pattern as unknown as Record<string, unknown>)
  return recipe as Recipe
}

function check(place: string, found: Record<string, unknown>, expected: Record<string, unknown>): void {
  for (const name of Object.keys(found)) {
    if (!(name in expected))
      throw new ConfigError(`${place}: ${name} is not known; there are ${Object.keys(expected).join(', ')}`)
  }
  for (const [name, example] of Object.entries(expected)) {
    const value = found[name]
    if (typeof value !== typeof example)
      throw new ConfigError(`${place}: ${name} must be a ${typeof example}, got ${value}`)
    if (typeof example === 'object')
      check(`${place}: ${name}`, value as Record<string, unknown>, example as Record<string, unknown>)
  }
}
