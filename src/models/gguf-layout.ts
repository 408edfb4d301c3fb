import { ConfigError } from '../base/index.ts'
import type { ConfigEntries } from './config-fields.ts'
import type { LanguageModel } from './model.ts'
import { ropeScaling, rotaryFactors } from './rope-scaling.ts'

/** Where a weight is in a GGUF file. */
export interface GgufPart {
  readonly name: string
  /** Whether the file has it the other way round: matrices are [out, in] there. */
  readonly transposed?: boolean
  /**
   * Heads whose rows are in another order: llama.cpp rotates neighbours 2j and 2j + 1 of a head, Hugging Face's layout the
   * halves j and j + D/2. The file's row 2j + s of a head is our row j + s·D/2.
   */
  readonly rotaryHeads?: number
}

/** A metadata entry with the type that readers insist on. */
export type GgufPlainField =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'u32' | 'f32'; readonly value: number }

type Parts = (model: LanguageModel) => Readonly<Record<string, GgufPart>>

/** Parts of a layer by our names, without the number of the layer. */
const llamaBlock = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
} as const

const gpt2Block = {
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
} as const

const llamaParts: Parts = ({ weights, config }) => {
  const table: Record<string, GgufPart> = {
    'model.embed_tokens.weight': { name: 'token_embd.weight' },
    'model.norm.weight': { name: 'output_norm.weight' },
    'lm_head.weight': { name: 'output.weight' },
  }
  const rotaryHeads: Readonly<Record<string, unknown>> = {
    'self_attn.q_proj': config.num_attention_heads,
    'self_attn.k_proj': config.num_key_value_heads,
  }
  for (const name of Object.keys(weights)) {
    const [, layer, part] = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(name) ?? []
    if (layer === undefined) continue
    const here = `blk.${layer}.${llamaBlock[part as keyof typeof llamaBlock]}.weight`
    table[name] = { name: here, rotaryHeads: rotaryHeads[part] as number | undefined }
  }
  return table
}

const gpt2Parts: Parts = ({ weights }) => {
  const table: Record<string, GgufPart> = {
    'wte.weight': { name: 'token_embd.weight' },
    'wpe.weight': { name: 'position_embd.weight' },
    'ln_f.weight': { name: 'output_norm.weight' },
    'ln_f.bias': { name: 'output_norm.bias' },
  }
  for (const [name, { shape }] of Object.entries(weights)) {
    const [, layer, part, kind] = /^h\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? []
    if (layer === undefined) continue
    table[name] = {
      name: `blk.${layer}.${gpt2Block[part as keyof typeof gpt2Block]}.${kind}`,
      transposed: shape.length === 2,
    }
  }
  return table
}

/** What llama.cpp calls an entry of config.json, after `ARCHITECTURE.`, and the type that it has there. */
type Keys = Readonly<Record<string, readonly [entry: string, type: 'u32' | 'f32']>>

const families: Readonly<Record<string, { readonly parts: Parts; readonly keys: Keys }>> = {
  llama: {
    parts: llamaParts,
    keys: {
      vocab_size: ['vocab_size', 'u32'],
      context_length: ['max_position_embeddings', 'u32'],
      embedding_length: ['hidden_size', 'u32'],
      block_count: ['num_hidden_layers', 'u32'],
      feed_forward_length: ['intermediate_size', 'u32'],
      'attention.head_count': ['num_attention_heads', 'u32'],
      'attention.head_count_kv': ['num_key_value_heads', 'u32'],
      'attention.key_length': ['head_dim', 'u32'],
      'attention.value_length': ['head_dim', 'u32'],
      'attention.layer_norm_rms_epsilon': ['rms_norm_eps', 'f32'],
      'rope.dimension_count': ['head_dim', 'u32'],
      'rope.freq_base': ['rope_theta', 'f32'],
    },
  },
  gpt2: {
    parts: gpt2Parts,
    keys: {
      context_length: ['n_positions', 'u32'],
      embedding_length: ['n_embd', 'u32'],
      block_count: ['n_layer', 'u32'],
      feed_forward_length: ['n_inner', 'u32'],
      'attention.head_count': ['n_head', 'u32'],
      'attention.layer_norm_epsilon': ['layer_norm_epsilon', 'f32'],
    },
  },
}

function familyOf(name: unknown) {
  if (typeof name === 'string' && Object.hasOwn(families, name)) return families[name]
  const known = Object.keys(families).join(', ')
  throw new ConfigError(`gguf: architecture ${JSON.stringify(name)?.slice(0, 60)} is not known; there are ${known}`)
}

/**
 * Where each weight of a model is in a GGUF file, by our name.
 *
 * @throws ConfigError for a family that has no such layout
 * Source: gguf-py/gguf/tensor_mapping.py and conversion of Llama and GPT-2 in github.com/ggml-org/llama.cpp.
 *
 * @example
 * const { weights } = model
 * ggufParts(model)['model.norm.weight'].name // 'output_norm.weight'
 */
export function ggufParts(model: LanguageModel): Readonly<Record<string, GgufPart>> {
  const table = familyOf(model.family).parts(model)
  return Object.fromEntries(Object.keys(model.weights).map((name) => [name, table[name]]))
}

/**
 * The metadata that says in a GGUF file what a model is, without its tokenizer.
 *
 * @example
 * ggufKeys(model).get('llama.block_count') // { type: 'u32', value: 1 }
 */
export function ggufKeys(model: LanguageModel): Map<string, GgufPlainField> {
  const { keys } = familyOf(model.family)
  const entries = withDerived(model)
  const found = new Map<string, GgufPlainField>([['general.architecture', { type: 'string', value: model.family }]])
  for (const [key, [entry, type]] of Object.entries(keys)) {
    found.set(`${model.family}.${key}`, { type, value: Number(entries[entry]) })
  }
  const scaling = ropeScaling(model.config)
  const put = (name: string, field: GgufPlainField) => found.set(`${model.family}.rope.scaling.${name}`, field)
  if (scaling?.rope_type === 'linear') {
    put('type', { type: 'string', value: 'linear' })
    put('factor', { type: 'f32', value: scaling.factor })
  } else if (scaling !== undefined) {
    put('low_freq_factor', { type: 'f32', value: scaling.low_freq_factor })
    put('high_freq_factor', { type: 'f32', value: scaling.high_freq_factor })
    put('original_context_length', { type: 'u32', value: scaling.original_max_position_embeddings })
  }
  return found
}

function withDerived({ family, config, cacheSize }: LanguageModel): ConfigEntries {
  if (family === 'gpt2') return { ...config, n_inner: config.n_inner ?? 4 * Number(config.n_embd) }
  return { ...config, head_dim: cacheSize.headWidth }
}

/**
 * The entries of the config.json of the model that a GGUF file holds, for `publishedModel`.
 *
 * @param metadata keys and values
 * @param tensors names of the tensors in the file, with their shapes
 * @param rotary the numbers of `rope_freqs.weight`, where the file has it: how many times slower each rotary pair turns
 * @throws ConfigError for an architecture that is not known, and for what is not computed here
 *
 * @example
 * const plain = new Map([...ggufKeys(model)].map(([key, field]) => [key, field.value]))
 * ggufEntries(plain, new Map([['token_embd.weight', [256, 16]]])).tie_word_embeddings // true
 */
export function ggufEntries(
  metadata: ReadonlyMap<string, unknown>,
  tensors: ReadonlyMap<string, readonly number[]>,
  rotary?: Float32Array,
): ConfigEntries {
  const family = metadata.get('general.architecture')
  const { keys } = familyOf(family)
  const entries: Record<string, unknown> = { model_type: family }
  for (const [key, [entry, type]] of Object.entries(keys)) {
    const value = metadata.get(`${family}.${key}`)
    if (value === undefined) continue
    if (typeof value !== 'number') {
      throw new ConfigError(`gguf: ${family}.${key} must be a number, got ${JSON.stringify(value)?.slice(0, 60)}`)
    }
    const number = type === 'f32' ? shortest(value) : value
    if (entries[entry] !== undefined && entries[entry] !== number) {
      throw new ConfigError(`gguf: ${family}.${key} must be ${entries[entry]}, as another key says, got ${value}`)
    }
    entries[entry] = number
  }
  // The vocabulary is as large as its embedding.
  const vocabSize = tensors.get('token_embd.weight')?.[0]
  if (vocabSize !== undefined) entries.vocab_size = vocabSize
  if (family === 'llama') entries.tie_word_embeddings = !tensors.has('output.weight')
  entries.rope_scaling = scalingOf(metadata, entries, rotary)
  return entries
}

/** Stretched rotary positions. Llama 3 has no keys for them in llama.cpp, only their effect; its own settings are the default. */
function scalingOf(
  metadata: ReadonlyMap<string, unknown>,
  entries: ConfigEntries,
  rotary: Float32Array | undefined,
): ConfigEntries | null {
  const family = entries.model_type
  const key = (name: string, absent: number) =>
    shortest(Number(metadata.get(`${family}.rope.scaling.${name}`) ?? absent))
  const type = metadata.get(`${family}.rope.scaling.type`) ?? 'none'
  if (rotary === undefined) return type === 'none' ? null : { rope_type: type, factor: key('factor', Number.NaN) }
  const scaling = ropeScaling({
    rope_scaling: {
      rope_type: 'llama3',
      factor: shortest(rotary.reduce((most, value) => Math.max(most, value), 1)),
      low_freq_factor: key('low_freq_factor', 1),
      high_freq_factor: key('high_freq_factor', 4),
      original_max_position_embeddings: key('original_context_length', 8192),
    },
  })!
  const expected = rotaryFactors(scaling, 2 * rotary.length, Number(entries.rope_theta ?? 10000))
  if (type === 'none' && expected.every((value, j) => Math.abs(value - rotary[j]) <= 1e-4 * value))
    return { ...scaling }
  throw new ConfigError(
    'gguf: rope_freqs.weight stretches rotary positions in another way than Llama 3, which is not computed here',
  )
}

/**
 * How many times slower each rotary pair of a model turns, as `rope_freqs.weight` holds it; undefined where the metadata says
 * it all.
 *
 * @returns `[D/2]`
 *
 * @example
 * ggufRotary(model) // undefined
 */
export function ggufRotary({ config, cacheSize }: LanguageModel): Float32Array | undefined {
  const scaling = ropeScaling(config)
  if (scaling?.rope_type !== 'llama3') return undefined
  return rotaryFactors(scaling, cacheSize.headWidth, Number(config.rope_theta))
}

/** The shortest decimal that is this f32: 1e-5 was meant, not 9.999999747378752e-6. */
function shortest(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(value.toPrecision(digits))
    if (Math.fround(candidate) === Math.fround(value)) return candidate
  }
  return value
}
