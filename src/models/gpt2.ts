import {
  conv1d,
  documentPositions,
  matrix,
  mergeHeads,
  splitHeads,
  vector,
  type WeightSpecs,
  type Weights,
  within,
} from '../nn/index.ts'
import { add, gather, gelu, layerNorm, scope, slice, split, type Tensor, tap } from '../tensor/index.ts'
import { type Attend, attentionOf } from './attend.ts'
import { dropoutPlaces } from './dropout.ts'
import type { LanguageModel } from './model.ts'
import { initialDeviation, positiveIntegers } from './settings.ts'

export interface Gpt2Config {
  readonly vocabSize: number
  /** Positions that it knows. */
  readonly context: number
  /** C */
  readonly width: number
  /** L */
  readonly layers: number
  /** H; divides the width. */
  readonly heads: number
  /** Added to the variance in norms; 1e-5 when not given. */
  readonly normEpsilon?: number
}

/** The published sizes. Source: Radford et al. 2019, table 2. */
export const gpt2Sizes = {
  'gpt2-124m': { vocabSize: 50257, context: 1024, width: 768, layers: 12, heads: 12 },
  'gpt2-355m': { vocabSize: 50257, context: 1024, width: 1024, layers: 24, heads: 16 },
  'gpt2-774m': { vocabSize: 50257, context: 1024, width: 1280, layers: 36, heads: 20 },
  'gpt2-1558m': { vocabSize: 50257, context: 1024, width: 1600, layers: 48, heads: 25 },
} as const satisfies Record<string, Gpt2Config>

/**
 * GPT-2: learned positions, layer norm before each part, GELU, output embedding tied to the input's. Weight names and
 * layouts are those of the published checkpoint.
 *
 * Source: Radford et al. 2019, §2.3; initial weights 0.02, and 0.02/√(2L) into the residual.
 *
 * @example
 * parameterCount(gpt2(gpt2Sizes['gpt2-124m']).weights) // 124439808
 */
export function gpt2(config: Gpt2Config): LanguageModel {
  const { normEpsilon: epsilon = 1e-5, ...sizes } = config
  const { vocabSize, context, width, layers, heads } = positiveIntegers('gpt2', sizes)
  const deviation = 0.02
  const residual = deviation / Math.sqrt(2 * layers)
  const weights: Record<string, WeightSpecs[string]> = {
    'wte.weight': matrix([vocabSize, width], initialDeviation(vocabSize, width), 'embedding'),
    'wpe.weight': matrix([context, width], deviation, 'embedding'),
  }
  for (let i = 0; i < layers; i++) {
    weights[`h.${i}.ln_1.weight`] = vector(width, 1)
    weights[`h.${i}.ln_1.bias`] = vector(width, 0)
    weights[`h.${i}.attn.c_attn.weight`] = { ...matrix([width, 3 * width], deviation), parts: 3 }
    weights[`h.${i}.attn.c_attn.bias`] = vector(3 * width, 0)
    weights[`h.${i}.attn.c_proj.weight`] = matrix([width, width], residual)
    weights[`h.${i}.attn.c_proj.bias`] = vector(width, 0)
    weights[`h.${i}.ln_2.weight`] = vector(width, 1)
    weights[`h.${i}.ln_2.bias`] = vector(width, 0)
    weights[`h.${i}.mlp.c_fc.weight`] = matrix([width, 4 * width], deviation)
    weights[`h.${i}.mlp.c_fc.bias`] = vector(4 * width, 0)
    weights[`h.${i}.mlp.c_proj.weight`] = matrix([4 * width, width], residual)
    weights[`h.${i}.mlp.c_proj.bias`] = vector(width, 0)
  }
  weights['ln_f.weight'] = vector(width, 1, 'readout')
  weights['ln_f.bias'] = vector(width, 0, 'readout')

  return {
    family: 'gpt2',
    config: {
      vocab_size: vocabSize,
      n_positions: context,
      n_embd: width,
      n_layer: layers,
      n_head: heads,
      layer_norm_epsilon: epsilon,
      activation_function: 'gelu_new',
    },
    vocabSize,
    context,
    cacheSize: { layers, keyValueHeads: heads, headWidth: width / heads },
    weights,
    features(w, ids, { documents, dropout, cache } = {}) {
      const [, tokens] = ids.shape
      const drop = dropoutPlaces(dropout)
      const places =
        cache === undefined && documents === undefined
          ? slice(w['wpe.weight'], 0, 0, tokens) // [T, C]
          : gather(w['wpe.weight'], cache?.positions ?? documentPositions(documents!)) // [B, T, C]
      let x = drop(add(gather(w['wte.weight'], ids), places)) // [B, T, C]
      for (let i = 0; i < layers; i++)
        x = scope(`blocks.${i}`, () =>
          block(within(w, `h.${i}`), x, { heads, epsilon, attend: attentionOf(i, { documents, cache }), drop }),
        )
      return tap('features', layerNorm(x, w['ln_f.weight'], w['ln_f.bias'], { epsilon }))
    },
    head: (w) => w['wte.weight'],
  }
}

interface BlockSettings {
  readonly heads: number
  readonly epsilon: number
  readonly attend: Attend
  readonly drop: (x: Tensor) => Tensor
}

function block(w: Weights, x: Tensor, { heads, epsilon, attend, drop }: BlockSettings): Tensor {
  const h = layerNorm(x, w['ln_1.weight'], w['ln_1.bias'], { epsilon })
  const [q, k, v] = split(conv1d(h, w['attn.c_attn.weight'], w['attn.c_attn.bias']), -1, 3).map((part) =>
    splitHeads(part, heads),
  ) // [B, T, H, D]
  const mixed = mergeHeads(scope('attention', () => tap('output', attend(q, k, v)))) // [B, T, C]
  const y = add(x, drop(conv1d(mixed, w['attn.c_proj.weight'], w['attn.c_proj.bias'])))
  const hidden = gelu(
    conv1d(layerNorm(y, w['ln_2.weight'], w['ln_2.bias'], { epsilon }), w['mlp.c_fc.weight'], w['mlp.c_fc.bias']),
  ) // [B, T, F]
  return tap('residual', add(y, drop(conv1d(tap('mlp', hidden), w['mlp.c_proj.weight'], w['mlp.c_proj.bias']))))
}
