import { ConfigError } from '../base/index.ts'
import {
  documentPositions,
  linear,
  matrix,
  mergeHeads,
  splitHeads,
  vector,
  type WeightSpecs,
  type Weights,
  within,
} from '../nn/index.ts'
import { add, constant, gather, multiply, rmsNorm, rotary, scope, silu, type Tensor, tap } from '../tensor/index.ts'
import { type Attend, attentionOf } from './attend.ts'
import { dropoutPlaces } from './dropout.ts'
import type { LanguageModel } from './model.ts'
import { type RopeScaling, rotaryFactors } from './rope-scaling.ts'
import { initialDeviation, positiveIntegers } from './settings.ts'

export interface LlamaConfig {
  readonly vocabSize: number
  /** The most tokens that it reads at once. */
  readonly context: number
  /** C */
  readonly width: number
  /** L */
  readonly layers: number
  /** H; divides the width where headWidth is not given. */
  readonly heads: number
  /** G; divides the heads. As many as heads when not given. */
  readonly keyValueHeads?: number
  /** F; 8/3 of the width, rounded up to a multiple of 32, when not given. */
  readonly hidden?: number
  /** Base of the rotary wavelengths; 10000 when not given. */
  readonly ropeTheta?: number
  /** D; C/H when not given. */
  readonly headWidth?: number
  /** Added to the mean square in norms; 1e-5 when not given. */
  readonly normEpsilon?: number
  /** How rotary positions are stretched; not at all when not given. */
  readonly ropeScaling?: RopeScaling
  /** Whether the output embedding is the input's; true when not given. */
  readonly tied?: boolean
}

/**
 * A Llama-type model: RMS norm before each part, rotary positions, grouped queries, SwiGLU, no biases. Weight names and
 * layouts are those of Hugging Face's checkpoints (rotary pairs are halves).
 *
 * Source: Touvron et al. 2023, §2.2; SwiGLU: Shazeer 2020; grouped queries: Ainslie et al. 2023.
 *
 * @example
 * const model = llama({ vocabSize: 512, context: 128, width: 128, layers: 4, heads: 4, keyValueHeads: 2 })
 * parameterCount(model.weights)
 */
export function llama(config: LlamaConfig): LanguageModel {
  const { normEpsilon: epsilon = 1e-5, ropeTheta: theta = 10000, ropeScaling, ...sizes } = config
  const { vocabSize, context, width, layers, heads } = positiveIntegers('llama', sizes)
  const {
    keyValueHeads = heads,
    hidden = Math.ceil((8 * width) / 3 / 32) * 32,
    headWidth = width / heads,
    tied = true,
  } = config
  if (!Number.isInteger(headWidth))
    throw new ConfigError(`llama: a width of ${width} does not divide into ${heads} heads`)
  if (heads % keyValueHeads !== 0) {
    throw new ConfigError(`llama: heads must be a multiple of keyValueHeads, got ${heads} and ${keyValueHeads}`)
  }
  if (headWidth % 2 !== 0)
    throw new ConfigError(`llama: a head must have an even width for rotary positions, got ${headWidth}`)

  const deviation = 0.02
  const residual = deviation / Math.sqrt(2 * layers)
  const weights: Record<string, WeightSpecs[string]> = {
    'model.embed_tokens.weight': matrix(
      [vocabSize, width],
      tied ? initialDeviation(vocabSize, width) : deviation,
      'embedding',
    ),
  }
  for (let i = 0; i < layers; i++) {
    const at = `model.layers.${i}`
    weights[`${at}.input_layernorm.weight`] = vector(width, 1)
    weights[`${at}.self_attn.q_proj.weight`] = matrix([heads * headWidth, width], deviation)
    weights[`${at}.self_attn.k_proj.weight`] = matrix([keyValueHeads * headWidth, width], deviation)
    weights[`${at}.self_attn.v_proj.weight`] = matrix([keyValueHeads * headWidth, width], deviation)
    weights[`${at}.self_attn.o_proj.weight`] = matrix([width, heads * headWidth], residual)
    weights[`${at}.post_attention_layernorm.weight`] = vector(width, 1)
    weights[`${at}.mlp.gate_proj.weight`] = matrix([hidden, width], deviation)
    weights[`${at}.mlp.up_proj.weight`] = matrix([hidden, width], deviation)
    weights[`${at}.mlp.down_proj.weight`] = matrix([width, hidden], residual)
  }
  weights['model.norm.weight'] = vector(width, 1, 'readout')
  if (!tied) weights['lm_head.weight'] = matrix([vocabSize, width], initialDeviation(vocabSize, width), 'head')

  return {
    family: 'llama',
    config: {
      vocab_size: vocabSize,
      max_position_embeddings: context,
      hidden_size: width,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      intermediate_size: hidden,
      ...(headWidth === width / heads ? {} : { head_dim: headWidth }),
      rope_theta: theta,
      ...(ropeScaling === undefined ? {} : { rope_scaling: ropeScaling }),
      rms_norm_eps: epsilon,
      hidden_act: 'silu',
      tie_word_embeddings: tied,
    },
    vocabSize,
    context,
    cacheSize: { layers, keyValueHeads, headWidth },
    weights,
    features(w, ids, { documents, dropout, cache } = {}) {
      const [, tokens] = ids.shape
      const drop = dropoutPlaces(dropout)
      const positions =
        cache?.positions ??
        (documents === undefined
          ? constant(
              Int32Array.from({ length: tokens }, (_, t) => t),
              [tokens],
              'i32',
            )
          : documentPositions(documents)) // [T] or [B, T]
      const factors = ropeScaling && constant(rotaryFactors(ropeScaling, headWidth, theta), [headWidth / 2])
      let x = drop(gather(w['model.embed_tokens.weight'], ids)) // [B, T, C]
      for (let i = 0; i < layers; i++) {
        x = scope(`blocks.${i}`, () =>
          block(within(w, `model.layers.${i}`), x, {
            heads,
            keyValueHeads,
            positions,
            attend: attentionOf(i, { documents, cache }),
            theta,
            factors,
            epsilon,
            drop,
          }),
        )
      }
      return tap('features', rmsNorm(x, w['model.norm.weight'], { epsilon }))
    },
    head: (w) => w[tied ? 'model.embed_tokens.weight' : 'lm_head.weight'],
  }
}

interface BlockSettings {
  readonly heads: number
  readonly keyValueHeads: number
  /** `[T]` or `[B, T]` */
  readonly positions: Tensor
  readonly attend: Attend
  readonly theta: number
  readonly factors?: Tensor
  readonly epsilon: number
  readonly drop: (x: Tensor) => Tensor
}

function block(w: Weights, x: Tensor, settings: BlockSettings): Tensor {
  const { heads, keyValueHeads, positions, attend, theta, factors, epsilon, drop } = settings
  const h = rmsNorm(x, w['input_layernorm.weight'], { epsilon })
  const q = rotary(splitHeads(linear(h, w['self_attn.q_proj.weight']), heads), positions, { theta, factors }) // [B, T, H, D]
  const k = rotary(splitHeads(linear(h, w['self_attn.k_proj.weight']), keyValueHeads), positions, { theta, factors }) // [B, T, G, D]
  const v = splitHeads(linear(h, w['self_attn.v_proj.weight']), keyValueHeads) // [B, T, G, D]
  const mixed = mergeHeads(scope('attention', () => tap('output', attend(q, k, v)))) // [B, T, C]
  const y = add(x, drop(linear(mixed, w['self_attn.o_proj.weight'])))
  return tap(
    'residual',
    add(y, drop(swiglu(rmsNorm(y, w['post_attention_layernorm.weight'], { epsilon }), within(w, 'mlp')))),
  )
}

/** The gated MLP: down(silu(gate(x)) · up(x)). Source: Shazeer 2020, eq. 6. */
function swiglu(x: Tensor, w: Weights): Tensor {
  const hidden = multiply(silu(linear(x, w['gate_proj.weight'])), linear(x, w['up_proj.weight'])) // [B, T, F]
  return linear(tap('mlp', hidden), w['down_proj.weight'])
}
