import { gpt2, type LanguageModel, llama, type RopeScaling } from '../../src/models/index.ts'

interface Size {
  readonly vocabSize: number
  readonly context: number
  readonly width: number
  readonly layers: number
}

/** That of Llama 3.1, for texts of 16 tokens. */
const scaling: RopeScaling = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 16,
}

/** One of each kind that can be published, by what it is. */
export function publishedModels(size: Size): Readonly<Record<string, LanguageModel>> {
  return {
    gpt2: gpt2({ ...size, heads: 4 }),
    llama: llama({ ...size, heads: 4, keyValueHeads: 2, hidden: 96, ropeTheta: 5000 }),
    'llama of its own settings': llama({
      ...size,
      heads: 4,
      keyValueHeads: 2,
      headWidth: 32,
      normEpsilon: 1e-6,
      ropeTheta: 500000,
      ropeScaling: scaling,
    }),
    'llama that is stretched': llama({ ...size, heads: 4, ropeScaling: { rope_type: 'linear', factor: 2.5 } }),
    'llama with a head of its own': llama({ ...size, heads: 2, tied: false }),
  }
}
