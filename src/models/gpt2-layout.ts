import { type ConfigEntries, expectEntry } from './config-fields.ts'
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

/**
 * Checks that a config.json describes the GPT-2 that is computed here.
 *
 * @throws ConfigError for an entry that asks for something else
 *
 * @example
 * checkGpt2Config({ n_embd: 768, n_inner: null, activation_function: 'gelu_new' })
 */
export function checkGpt2Config(config: ConfigEntries): void {
  // Two names of the same approximation.
  expectEntry(config, 'activation_function', ['gelu_new', 'gelu_pytorch_tanh'], 'gelu_new')
  expectEntry(config, 'scale_attn_weights', [true], true)
  expectEntry(config, 'scale_attn_by_inverse_layer_idx', [false], false)
  expectEntry(config, 'add_cross_attention', [false], false)
  expectEntry(config, 'tie_word_embeddings', [true], true)
  expectEntry(config, 'n_inner', [null, 4 * Number(config.n_embd)], null)
}
