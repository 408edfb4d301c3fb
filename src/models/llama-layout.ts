import { ConfigError } from '../base/index.ts'
import { type ConfigEntries, expectEntry, flagEntry, mostLayers, positiveEntry, wholeEntry } from './config-fields.ts'
import type { PublishedLayout } from './published-layout.ts'

/**
 * Llama as Hugging Face has it: matrices are [out, in], rotary pairs are halves, and so they are here. Old files hold the
 * frequencies of the rotary positions; some hold an output embedding although it is the input's.
 * Source: modeling_llama.py and configuration_llama.py of transformers 4 and 5.
 */
export const llamaLayout: PublishedLayout = {
  prefix: '',
  buffers: /(^|\.)rotary_emb\.inv_freq$/,
  copies: { 'lm_head.weight': 'model.embed_tokens.weight' },
  config: ({ config }) => ({
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    attention_bias: false,
    attention_dropout: 0,
    mlp_bias: false,
    initializer_range: 0.02,
    ...config,
    // The tokenizer says which they are; the defaults of transformers are those of the first Llama.
    bos_token_id: null,
    eos_token_id: null,
  }),
}

/**
 * The entries of a Llama's config.json under the names of transformers 4, checked: version 5 keeps what is said of rotary
 * positions in `rope_parameters`.
 *
 * @throws ConfigError for an entry that is missing, out of range, or asks for what is not computed here
 *
 * @example
 * const sizes = { vocab_size: 256, max_position_embeddings: 64, hidden_size: 64, num_hidden_layers: 1, num_attention_heads: 2 }
 * const five = { ...sizes, intermediate_size: 128, rms_norm_eps: 1e-5, rope_parameters: { rope_type: 'default', rope_theta: 500000 } }
 * llamaEntries(five).rope_theta // 500000
 */
export function llamaEntries(entries: ConfigEntries): ConfigEntries {
  expectEntry(entries, 'hidden_act', ['silu', 'swish'], 'silu')
  expectEntry(entries, 'attention_bias', [false], false)
  expectEntry(entries, 'mlp_bias', [false], false)
  const heads = wholeEntry(entries, 'num_attention_heads')
  const width = wholeEntry(entries, 'hidden_size')
  const rope = ropeEntries(entries)
  return {
    model_type: 'llama',
    vocab_size: wholeEntry(entries, 'vocab_size'),
    max_position_embeddings: wholeEntry(entries, 'max_position_embeddings', { absent: 2048 }),
    hidden_size: width,
    num_hidden_layers: wholeEntry(entries, 'num_hidden_layers', { most: mostLayers }),
    num_attention_heads: heads,
    num_key_value_heads: wholeEntry(entries, 'num_key_value_heads', { absent: heads }),
    head_dim: wholeEntry(entries, 'head_dim', { absent: Math.floor(width / heads) }),
    intermediate_size: wholeEntry(entries, 'intermediate_size'),
    rms_norm_eps: positiveEntry(entries, 'rms_norm_eps', 1e-6),
    hidden_act: 'silu',
    tie_word_embeddings: flagEntry(entries, 'tie_word_embeddings', false),
    ...rope,
  }
}

function ropeEntries(entries: ConfigEntries): { rope_theta: number; rope_scaling: ConfigEntries | null } {
  const five = record(entries, 'rope_parameters')
  const four = record(entries, 'rope_scaling')
  const { rope_theta, ...scaling } = five ?? four ?? {}
  const theta = positiveEntry({ rope_theta: rope_theta ?? entries.rope_theta }, 'rope_theta', 10000)
  const type = scaling.rope_type ?? scaling.type ?? 'default'
  if (type === 'default') return { rope_theta: theta, rope_scaling: null }
  return { rope_theta: theta, rope_scaling: { ...scaling, rope_type: type } }
}

function record(entries: ConfigEntries, name: string): ConfigEntries | undefined {
  const value = entries[name] ?? undefined
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value)))
    return value as ConfigEntries | undefined
  throw new ConfigError(`config.json: ${name} must be an object, got ${JSON.stringify(value).slice(0, 60)}`)
}
