import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FormatError, sizeOf } from '../base/index.ts'
import { type FlatSection, llama2cHeaderBytes, llmcHeaderBytes, readLlama2c, readLlmc } from '../formats/index.ts'
import { publishedModel } from '../models/index.ts'
import { readLlama2cTokenizer } from '../tokenizers/formats/index.ts'
import { writeTokenizerJson } from '../tokenizers/index.ts'
import { type ByteFile, openByteFile } from './byte-file.ts'
import { madeFrom, rotaryRows } from './gguf-source.ts'
import { makeSource } from './make-source.ts'
import type { ModelSource, SourceTensor } from './model-source.ts'

type Options = { readonly mapped?: boolean }

/** Longer tokenizers are refused. */
const LONGEST_TOKENIZER = 1 << 26

/** Sections of llama2.c by the part of a layer that they hold. */
const llamaSections: Readonly<Record<string, string>> = {
  rms_att_weight: 'input_layernorm',
  wq: 'self_attn.q_proj',
  wk: 'self_attn.k_proj',
  wv: 'self_attn.v_proj',
  wo: 'self_attn.o_proj',
  rms_ffn_weight: 'post_attention_layernorm',
  w1: 'mlp.gate_proj',
  w2: 'mlp.down_proj',
  w3: 'mlp.up_proj',
}

/** The name of a weight of a Llama by section and layer. */
export function llama2cName(section: string, layer: number): string {
  if (section === 'token_embedding_table') return 'model.embed_tokens.weight'
  if (section === 'rms_final_weight') return 'model.norm.weight'
  if (section === 'wcls') return 'lm_head.weight'
  return `model.layers.${layer}.${llamaSections[section]}.weight`
}

/**
 * A checkpoint of llama2.c in f32, with the tokenizer.bin that lies beside it.
 *
 * @throws FormatError for a file that is none, or a tokenizer that does not fit it
 */
export function openLlama2c(path: string, options: Options = {}): ModelSource {
  return opened(path, options, (file) => {
    const read = readLlama2c(file.bytes(0, Math.min(llama2cHeaderBytes, file.size)), {
      fileBytes: file.size,
      file: path,
    })
    const model = madeFrom(path, () =>
      publishedModel({
        model_type: 'llama',
        vocab_size: read.vocabSize,
        max_position_embeddings: read.context,
        hidden_size: read.width,
        num_hidden_layers: read.layers,
        num_attention_heads: read.heads,
        num_key_value_heads: read.keyValueHeads,
        intermediate_size: read.hidden,
        rms_norm_eps: 1e-5,
        rope_theta: 10000,
        tie_word_embeddings: read.tied,
      }),
    )
    const rotaryHeads: Readonly<Record<string, number>> = { wq: read.heads, wk: read.keyValueHeads }
    const tensors = new Map<string, SourceTensor>()
    for (const section of read.sections) {
      for (const { layer, offset, shape } of layersOf(section, read.layers, 4)) {
        const heads = rotaryHeads[section.name]
        const plain = () => file.bytes(offset, 4 * sizeOf(shape))
        const bytes = heads === undefined ? plain : () => rotaryRows(plain(), shape[0], heads, 'halves')
        tensors.set(llama2cName(section.name, layer), { dtype: 'f32', bytes })
      }
    }
    return {
      kind: `llama2.c checkpoint, version ${read.version}`,
      model,
      tensors,
      ...tokenizerBeside(path, read.vocabSize),
    }
  })
}

function tokenizerBeside(path: string, vocabSize: number): Pick<ModelSource, 'tokenizerText' | 'specials'> {
  const beside = join(dirname(path), 'tokenizer.bin')
  if (!existsSync(beside)) return {}
  const file = openByteFile(beside, { mapped: false })
  try {
    if (file.size > LONGEST_TOKENIZER)
      throw new FormatError(`${beside}: it has ${file.size} bytes, at most ${LONGEST_TOKENIZER} are expected`)
    const tokenizer = readLlama2cTokenizer(file.bytes(0, file.size), beside)
    if (tokenizer.vocabSize !== vocabSize) {
      throw new FormatError(`${beside}: it has ${tokenizer.vocabSize} tokens, the model beside it ${vocabSize}`)
    }
    return { tokenizerText: writeTokenizerJson(tokenizer), specials: { begin: '<s>', end: '</s>' } }
  } finally {
    file.close()
  }
}

/** Sections of llm.c by what of a layer they hold, or of the model. */
const gpt2Sections: Readonly<Record<string, string>> = {
  ln1w: 'ln_1.weight',
  ln1b: 'ln_1.bias',
  qkvw: 'attn.c_attn.weight',
  qkvb: 'attn.c_attn.bias',
  attprojw: 'attn.c_proj.weight',
  attprojb: 'attn.c_proj.bias',
  ln2w: 'ln_2.weight',
  ln2b: 'ln_2.bias',
  fcw: 'mlp.c_fc.weight',
  fcb: 'mlp.c_fc.bias',
  fcprojw: 'mlp.c_proj.weight',
  fcprojb: 'mlp.c_proj.bias',
}
const gpt2Whole: Readonly<Record<string, string>> = {
  wte: 'wte.weight',
  wpe: 'wpe.weight',
  lnfw: 'ln_f.weight',
  lnfb: 'ln_f.bias',
}

/** What a section of llm.c is called in a model. */
export const llmcName = (section: string, layer: number): string =>
  gpt2Whole[section] ?? `h.${layer}.${gpt2Sections[section]}`

const llama2cWhole = ['token_embedding_table', 'rms_final_weight', 'wcls']

/** Whether a section of a checkpoint is one tensor, not one for each layer. */
export const isWholeSection = (section: string): boolean =>
  Object.hasOwn(gpt2Whole, section) || llama2cWhole.includes(section)

/**
 * A GPT-2 checkpoint of llm.c, in f32 or bf16. Rows of the embedding that no token has are left out.
 *
 * @throws FormatError for a file that is none
 */
export function openLlmc(path: string, options: Options = {}): ModelSource {
  return opened(path, options, (file) => {
    const read = readLlmc(file.bytes(0, Math.min(llmcHeaderBytes, file.size)), { fileBytes: file.size, file: path })
    const model = madeFrom(path, () =>
      publishedModel({
        model_type: 'gpt2',
        vocab_size: read.vocabSize,
        n_positions: read.context,
        n_embd: read.width,
        n_layer: read.layers,
        n_head: read.heads,
      }),
    )
    const [dtype, width] = read.dtype === 'F32' ? (['f32', 4] as const) : (['bf16', 2] as const)
    const tensors = new Map<string, SourceTensor>()
    for (const section of read.sections) {
      for (const { layer, offset } of layersOf(section, read.layers, width)) {
        const name = llmcName(section.name, layer)
        const { shape } = model.weights[name]
        const transposed = shape.length === 2 && !isWholeSection(section.name)
        tensors.set(name, { dtype, transposed, bytes: () => file.bytes(offset, width * sizeOf(shape)) })
      }
    }
    return { kind: `llm.c checkpoint in ${dtype}`, model, tensors }
  })
}

/** The tensors of a section: one for each layer, or the section itself. */
function layersOf({ name, shape, offset }: FlatSection, layers: number, elementBytes: number) {
  if (isWholeSection(name)) return [{ layer: 0, offset, shape }]
  const one = shape.slice(1)
  return Array.from({ length: layers }, (_, layer) => ({
    layer,
    offset: offset + layer * sizeOf(one) * elementBytes,
    shape: one,
  }))
}

function opened(
  path: string,
  options: Options,
  read: (file: ByteFile) => Omit<Parameters<typeof makeSource>[0], 'path' | 'close'>,
): ModelSource {
  const file = openByteFile(path, options)
  try {
    return makeSource({ ...read(file), path, close: () => file.close() })
  } catch (error) {
    file.close()
    throw error
  }
}
