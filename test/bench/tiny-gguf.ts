import type { LanguageModel } from '../../src/models/index.ts'
import { packRows } from '../../src/packing/index.ts'

// GGUF files of tiny models, written byte by byte for the tests of peers that read such files.
// Source: docs/gguf.md of ggml, version 3; names of tensors: gguf-py/gguf/constants.py of llama.cpp.

type Named = Readonly<Record<string, Float32Array>>

interface TinyTensor {
  readonly name: string
  /** Rows first, as everywhere here. */
  readonly shape: readonly number[]
  readonly values: Float32Array
}

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer)
const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
const f32 = (value: number) => Buffer.from(Float32Array.of(value).buffer)
const string = (text: string) => Buffer.concat([u64(Buffer.byteLength(text)), Buffer.from(text)])

// Numbers of the types of values, and of the two types of tensors that are used.
const types = { u32: 4, i32: 5, f32: 6, string: 8, array: 9 }
const tensorTypes = { f32: 0, q8_0: 8 }

const key = (name: string, type: keyof typeof types, value: Buffer) =>
  Buffer.concat([string(name), u32(types[type]), value])
const list = (type: 'i32' | 'string', items: readonly Buffer[]) =>
  Buffer.concat([u32(types[type]), u64(items.length), ...items])

/** The 256 characters that stand for bytes in GPT-2's vocabulary (Radford et al. 2019, encoder.py): visible ones for themselves. */
function byteCharacters(): string[] {
  let next = 256
  const isVisible = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : next++))
}

/** A vocabulary of bytes, and an end of text with id 256; one merge, which makes no token of its own: `t h` is 257. */
export const tinyVocabSize = 258

function tokenizerKeys(): Buffer[] {
  const tokens = [...byteCharacters(), '<|endoftext|>', 'th']
  const kinds = tokens.map((_, id) => u32(id === 256 ? 3 : 1)) // control, normal
  return [
    key('tokenizer.ggml.model', 'string', string('gpt2')),
    key('tokenizer.ggml.pre', 'string', string('gpt-2')),
    key('tokenizer.ggml.tokens', 'array', list('string', tokens.map(string))),
    key('tokenizer.ggml.token_type', 'array', list('i32', kinds)),
    key('tokenizer.ggml.merges', 'array', list('string', [string('t h')])),
    key('tokenizer.ggml.bos_token_id', 'u32', u32(256)),
    key('tokenizer.ggml.eos_token_id', 'u32', u32(256)),
  ]
}

/** A model of the families gpt2 and llama with these weights as a GGUF file. Matrices are f32 or q8_0. */
export function tinyGguf(model: LanguageModel, weights: Named, type: keyof typeof tensorTypes = 'f32'): Buffer {
  const isLlama = model.family === 'llama'
  const { keys, tensors } = isLlama ? llamaParts(model, weights) : gpt2Parts(model, weights)
  const metadata = [key('general.architecture', 'string', string(model.family)), ...keys, ...tokenizerKeys()]
  const entries: Buffer[] = []
  const data: Buffer[] = []
  let offset = 0
  for (const { name, shape, values } of tensors) {
    const isPacked = type !== 'f32' && shape.length === 2 && name !== 'position_embd.weight'
    const bytes = isPacked ? packRows('q8_0', values, shape[1]) : new Uint8Array(values.buffer)
    const axes = shape.toReversed().map(u64)
    const number = u32(tensorTypes[isPacked ? type : 'f32'])
    entries.push(Buffer.concat([string(name), u32(shape.length), ...axes, number, u64(offset)]))
    data.push(padded(Buffer.from(bytes)))
    offset += data.at(-1)!.length
  }
  const start = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(metadata.length)])
  return Buffer.concat([padded(Buffer.concat([start, ...metadata, ...entries])), ...data])
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)])

function transposed(values: Float32Array, [rows, columns]: readonly number[]): Float32Array {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)])
}

function gpt2Parts(model: LanguageModel, weights: Named) {
  const config = model.config as Readonly<Record<string, number>>
  const names: Record<string, string> = {
    'wte.weight': 'token_embd.weight',
    'wpe.weight': 'position_embd.weight',
    'ln_f.weight': 'output_norm.weight',
    'ln_f.bias': 'output_norm.bias',
  }
  const layer: Record<string, string> = {
    ln_1: 'attn_norm',
    'attn.c_attn': 'attn_qkv',
    'attn.c_proj': 'attn_output',
    ln_2: 'ffn_norm',
    'mlp.c_fc': 'ffn_up',
    'mlp.c_proj': 'ffn_down',
  }
  const tensors = Object.entries(model.weights).map(([name, { shape }]): TinyTensor => {
    if (names[name]) return { name: names[name], shape, values: weights[name] }
    const [, i, part, kind] = /^h\.(\d+)\.(.*)\.(weight|bias)$/.exec(name)!
    const renamed = `blk.${i}.${layer[part]}.${kind}`
    if (shape.length === 1) return { name: renamed, shape, values: weights[name] }
    return { name: renamed, shape: shape.toReversed(), values: transposed(weights[name], shape) } // [out, in]
  })
  const keys = [
    key('gpt2.context_length', 'u32', u32(model.context)),
    key('gpt2.embedding_length', 'u32', u32(config.n_embd)),
    key('gpt2.block_count', 'u32', u32(config.n_layer)),
    key('gpt2.feed_forward_length', 'u32', u32(4 * config.n_embd)),
    key('gpt2.attention.head_count', 'u32', u32(config.n_head)),
    key('gpt2.attention.layer_norm_epsilon', 'f32', f32(1e-5)),
  ]
  return { keys, tensors }
}

function llamaParts(model: LanguageModel, weights: Named) {
  const config = model.config as Readonly<Record<string, number>>
  const headWidth = config.hidden_size / config.num_attention_heads
  const names: Record<string, string> = {
    'model.embed_tokens.weight': 'token_embd.weight',
    'model.norm.weight': 'output_norm.weight',
    'lm_head.weight': 'output.weight',
  }
  const layer: Record<string, string> = {
    input_layernorm: 'attn_norm',
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    post_attention_layernorm: 'ffn_norm',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
  }
  const tensors = Object.entries(model.weights).map(([name, { shape }]): TinyTensor => {
    if (names[name]) return { name: names[name], shape, values: weights[name] }
    const [, i, part] = /^model\.layers\.(\d+)\.(.*)\.weight$/.exec(name)!
    const isRotated = part === 'self_attn.q_proj' || part === 'self_attn.k_proj'
    const values = isRotated ? neighbours(weights[name], shape[1], headWidth) : weights[name]
    return { name: `blk.${i}.${layer[part]}.weight`, shape, values }
  })
  const keys = [
    key('llama.context_length', 'u32', u32(model.context)),
    key('llama.embedding_length', 'u32', u32(config.hidden_size)),
    key('llama.block_count', 'u32', u32(config.num_hidden_layers)),
    key('llama.feed_forward_length', 'u32', u32(config.intermediate_size)),
    key('llama.attention.head_count', 'u32', u32(config.num_attention_heads)),
    key('llama.attention.head_count_kv', 'u32', u32(config.num_key_value_heads)),
    key('llama.attention.layer_norm_rms_epsilon', 'f32', f32(1e-5)),
    key('llama.rope.dimension_count', 'u32', u32(headWidth)),
    key('llama.rope.freq_base', 'f32', f32(config.rope_theta)),
  ]
  return { keys, tensors }
}

/** Rows of each head so that rotary pairs are neighbours: row 2j was row j, row 2j + 1 row j + D/2. */
function neighbours(values: Float32Array, columns: number, headWidth: number): Float32Array {
  const moved = new Float32Array(values.length)
  for (let row = 0; row * columns < values.length; row++) {
    const place = row % headWidth
    const from = row - place + (place >> 1) + (place & 1) * (headWidth / 2)
    moved.set(values.subarray(from * columns, (from + 1) * columns), row * columns)
  }
  return moved
}
