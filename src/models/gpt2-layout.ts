import { ConfigError } from '../base/index.ts'
import type { PublishedLayout } from './published-layout.ts'

/**
 * GPT-2 as it is published. Matrices are [in, out], and so they are here. The first files name the model's own parts
 * (`h.0.…`); those that hold the output embedding too put `transformer.` before. Old ones hold the causal masks.
 * Source: huggingface.co/openai-community/gpt2 and modeling_gpt2.py of transformers.
 */
export const gpt2Layout: PublishedLayout = {
  prefix: 'transformer.',
  buffers: /^h\.\d+\.attn\.(bias|masked_bias)$/,
  copies: { 'lm_head.weight': 'wte.weight' },
  config: ({ config }) => ({
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    ...config,
    n_ctx: config.n_positions,
    n_inner: null,
    embd_pdrop: 0,
    attn_pdrop: 0,
    resid_pdrop: 0,
    initializer_range: 0.02,
    scale_attn_weights: true,
    scale_attn_by_inverse_layer_idx: false,
    tie_word_embeddings: true,
    // The tokenizer says which they are; the defaults of transformers are those of the published one.
    bos_token_id: null,
    eos_token_id: null,
    torch_dtype: 'float32',
  }),
}

type Settings = Readonly<Record<string, { readonly absent: unknown; readonly allowed: readonly unknown[] }>>

/** Settings of a GPT-2's config.json that change what it computes, with what they mean when they are absent. */
const settings: Settings = {
  // Two names of the same approximation.
  activation_function: { absent: 'gelu_new', allowed: ['gelu_new', 'gelu_pytorch_tanh'] },
  scale_attn_weights: { absent: true, allowed: [true] },
  scale_attn_by_inverse_layer_idx: { absent: false, allowed: [false] },
  add_cross_attention: { absent: false, allowed: [false] },
  tie_word_embeddings: { absent: true, allowed: [true] },
}

/**
 * Checks that a config.json describes the GPT-2 that is computed here.
 *
 * @throws ConfigError for an entry that asks for something else
 *
 * @example
 * checkGpt2Config({ n_embd: 768, n_inner: null, activation_function: 'gelu_new' })
 */
export function checkGpt2Config(config: Readonly<Record<string, unknown>>): void {
  const hidden = { absent: null, allowed: [null, 4 * Number(config.n_embd)] }
  for (const [name, { absent, allowed }] of Object.entries({ ...settings, n_inner: hidden } as Settings)) {
    const value = config[name] ?? absent
    if (allowed.includes(value)) continue
    const expected = allowed.map((each) => JSON.stringify(each)).join(' or ')
    throw new ConfigError(`config.json: ${name} must be ${expected}, got ${JSON.stringify(value)}`)
  }
}
