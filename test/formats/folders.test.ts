import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { FormatError } from '../../src/base/index.ts'
import { compile, createState } from '../../src/compiler/index.ts'
import { readSafetensorsHeader, safetensorsHeader, writeSentencePieceFile } from '../../src/formats/index.ts'
import { gpt2, llama } from '../../src/models/index.ts'
import { exportFolder, type ModelSource, openModelSource, savePublished } from '../../src/node/index.ts'
import { bpe, readTokenizerJson, writeTokenizerJson } from '../../src/tokenizers/index.ts'
import { initialization } from '../../src/train/index.ts'

const root = mkdtempSync(join(tmpdir(), 'alippe-folders-'))
afterAll(() => rmSync(root, { recursive: true }))
const model = llama({ vocabSize: 260, context: 16, width: 32, layers: 3, heads: 4, keyValueHeads: 2 })
const first = join(root, 'first')
const folder = join(root, 'sharded')
const index = join(folder, 'model.safetensors.index.json')
let source: ModelSource

beforeAll(async () => {
  const backend = referenceBackend()
  const state = createState(backend)
  await compile(initialization(model, 2), { backend, state }).run()
  await savePublished(first, model, state)
  writeFileSync(join(first, 'tokenizer.json'), writeTokenizerJson(bpe({ merges: [], specials: ['<|endoftext|>'] })))
  writeFileSync(join(first, 'chat_template.jinja'), '{{ messages }}')
  source = await openModelSource(first)
})
afterAll(() => source.close())
beforeEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await exportFolder(source, folder, { type: 'bf16', shardBytes: 20_000 })
})

const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const change = (path: string, by: (value: Record<string, never>) => void) => {
  const value = JSON.parse(readFileSync(path, 'utf8'))
  by(value)
  writeFileSync(path, JSON.stringify(value))
}

describe('a folder in shards', () => {
  it('has what transformers writes', () => {
    const shards = readdirSync(folder)
      .filter((name) => name.endsWith('.safetensors'))
      .sort()
    expect(shards.length).toBeGreaterThan(2)
    expect(shards[0]).toBe(`model-00001-of-0000${shards.length}.safetensors`)
    const { weight_map, metadata } = json('model.safetensors.index.json')
    let total = 0
    for (const shard of shards) {
      const { entries, metadata } = readSafetensorsHeader(readFileSync(join(folder, shard)))
      expect(metadata.get('format')).toBe('pt')
      expect(entries.length === 1 || statSync(join(folder, shard)).size < 22_000).toBe(true)
      for (const { name, bytes, dtype } of entries) {
        expect([weight_map[name], dtype]).toEqual([shard, 'BF16'])
        total += bytes
      }
    }
    expect(Object.keys(weight_map)).toEqual(Object.keys(model.weights).sort())
    expect(metadata.total_size).toBe(total)
    expect(json('config.json')).toMatchObject({ torch_dtype: 'bfloat16', eos_token_id: 256, tie_word_embeddings: true })
    expect(json('tokenizer_config.json')).toMatchObject({ eos_token: '<|endoftext|>', model_max_length: 16 })
    expect(json('generation_config.json')).toMatchObject({ eos_token_id: 256 })
    expect(readFileSync(join(folder, 'chat_template.jinja'), 'utf8')).toBe('{{ messages }}')
  })

  it('is read again, and stays in its dtype', async () => {
    const read = await openModelSource(folder)
    expect(read.model).toMatchObject({ config: model.config })
    expect(read.stored['model.layers.1.mlp.up_proj.weight']).toEqual({ dtype: 'bf16' })
    expect(read.stored['model.norm.weight']).toBeUndefined()
    expect(read.bytes('model.norm.weight')).toEqual(source.bytes('model.norm.weight'))
    expect(read).toMatchObject({ chatTemplate: '{{ messages }}', specials: { end: '<|endoftext|>' } })
    // Written once more in one file, and f32: what bf16 holds.
    await exportFolder(read, join(root, 'whole'), { type: 'f32' })
    const whole = await openModelSource(join(root, 'whole'))
    const [bf16, f32] = [read.bytes('model.embed_tokens.weight'), whole.bytes('model.embed_tokens.weight')]
    expect(f32.filter((_, i) => i % 4 >= 2)).toEqual(bf16)
    whole.close()
    read.close()
  })

  const name = 'model.layers.0.mlp.up_proj.weight'
  it.each<[string, () => void, RegExp]>([
    [
      'a path out of it',
      () =>
        change(
          index,
          ({ weight_map }) =>
            void ((weight_map as never as Record<string, string>)[name] = '../first/model.safetensors'),
        ),
      /weight_map\..*up_proj.*expected the name of a \.safetensors file/,
    ],
    [
      'an absolute path',
      () =>
        change(
          index,
          ({ weight_map }) => void ((weight_map as never as Record<string, string>)[name] = '/etc/x.safetensors'),
        ),
      /expected the name of a/,
    ],
    [
      'a file that is missing',
      () =>
        change(
          index,
          ({ weight_map }) => void ((weight_map as never as Record<string, string>)[name] = 'other.safetensors'),
        ),
      /lies in other\.safetensors, which is not there/,
    ],
    [
      'a tensor in another file',
      () =>
        change(
          index,
          ({ weight_map }) =>
            void ((weight_map as never as Record<string, string>)['model.norm.weight'] = Object.values(
              weight_map as never as Record<string, string>,
            )[0]),
        ),
      /the index says that model\.norm\.weight is here/,
    ],
    [
      'a tensor that the index leaves out',
      () => change(index, ({ weight_map }) => void delete weight_map[name]),
      /of which the index knows nothing|there is no tensor/,
    ],
    ['an index that is a list', () => writeFileSync(index, '[]'), /weight_map: expected an object/],
    [
      'a name twice',
      () => writeFileSync(index, '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}'),
      /the name "a" comes twice/,
    ],
    ['an index that is no text', () => writeFileSync(index, Uint8Array.of(0xff, 0xfe)), /is not UTF-8/],
  ])('with %s is refused', async (_, spoil, message) => {
    spoil()
    await expect(openModelSource(folder)).rejects.toThrow(FormatError)
    await expect(openModelSource(folder)).rejects.toThrow(message)
  })
})

describe('a config.json of others', () => {
  const config = join(folder, 'config.json')
  const set = (entries: Record<string, unknown>) => change(config, (value) => void Object.assign(value, entries))
  const without = (...names: string[]) =>
    change(config, (value) => {
      for (const each of names) delete value[each]
    })

  it('of transformers 5 says the same in other words', async () => {
    without('rope_theta', 'torch_dtype')
    set({ rope_parameters: { rope_theta: 10000, rope_type: 'default' }, dtype: 'bfloat16', head_dim: 8 })
    expect((await openModelSource(folder)).model).toMatchObject({ config: model.config })
  })

  it.each<[Record<string, unknown>, RegExp]>([
    [{ model_type: 'mamba' }, /config\.json: config\.json: model_type "mamba" is not known/],
    [{ num_hidden_layers: 1e9 }, /num_hidden_layers must be a whole number from 1 to 4096, got 1000000000/],
    [{ num_hidden_layers: 4 }, /there is no tensor model\.layers\.3\.input_layernorm\.weight, and 8 more/],
    [{ num_hidden_layers: 2 }, /model\.layers\.2\..* is no weight of this llama/],
    [{ hidden_size: -32 }, /hidden_size must be a whole number/],
    [{ vocab_size: 2.5 }, /vocab_size must be a whole number/],
    [{ vocab_size: '260' }, /vocab_size must be a whole number .* got "260"/],
    [{ vocab_size: 1e300 }, /vocab_size must be a whole number/],
    [{ num_key_value_heads: 3 }, /heads must be a multiple of keyValueHeads/],
    [{ num_attention_heads: 0 }, /num_attention_heads must be/],
    [{ rope_theta: -1 }, /rope_theta must be a number above 0, got -1/],
    [{ rope_parameters: [] }, /rope_parameters must be an object/],
    [{ hidden_act: 'gelu' }, /hidden_act must be "silu" or "swish", got "gelu"/],
    [{ attention_bias: true }, /attention_bias must be false, got true/],
    [{ tie_word_embeddings: 'no' }, /tie_word_embeddings must be true or false/],
  ])('is refused where it asks for %j', async (entries, message) => {
    set(entries)
    await expect(openModelSource(folder)).rejects.toThrow(FormatError)
    await expect(openModelSource(folder)).rejects.toThrow(message)
  })

  it.each([
    '{"vocab_size": NaN}',
    '{"vocab_size": Infinity}',
    '[1]',
    '',
    '{"a":1,"a":2}',
    '{'.repeat(1000),
  ])('is refused when it is %s', async (text) => {
    writeFileSync(config, text)
    await expect(openModelSource(folder)).rejects.toThrow(FormatError)
  })
})

describe('a Llama of others', () => {
  const path = join(root, 'other')
  it('may hold its output embedding twice, and frequencies', async () => {
    await exportFolder(source, path)
    const file = join(path, 'model.safetensors')
    const bytes = readFileSync(file)
    const tensors = readSafetensorsHeader(bytes).entries.map((entry) => ({
      ...entry,
      data: bytes.subarray(entry.offset, entry.offset + entry.bytes),
    }))
    const embedding = tensors.find(({ name }) => name === 'model.embed_tokens.weight')!
    const write = (head: Uint8Array) => {
      const all = [
        ...tensors,
        { ...embedding, name: 'lm_head.weight', data: Buffer.from(head) },
        {
          name: 'model.layers.0.self_attn.rotary_emb.inv_freq',
          dtype: 'F32' as const,
          shape: [4],
          data: Buffer.alloc(16),
        },
      ]
      const header = safetensorsHeader(all)
      writeFileSync(
        file,
        Buffer.concat([
          header.bytes,
          ...header.entries.map(({ name }) => all.find((each) => each.name === name)!.data),
        ]),
      )
    }
    write(embedding.data)
    ;(await openModelSource(path)).close()
    const other = Uint8Array.from(embedding.data)
    other[7] ^= 1
    write(other)
    await expect(openModelSource(path)).rejects.toThrow(/lm_head\.weight differs from model\.embed_tokens\.weight/)
    change(join(path, 'config.json'), (value) => void Object.assign(value, { tie_word_embeddings: false }))
    const untied = await openModelSource(path)
    expect(untied.bytes('lm_head.weight')).toEqual(other)
    untied.close()
  })
})

describe('a GPT-2', () => {
  it('keeps f16 matrices as [in, out]', async () => {
    const small = gpt2({ vocabSize: 20, context: 8, width: 8, layers: 1, heads: 2 })
    const backend = referenceBackend()
    const state = createState(backend)
    await compile(initialization(small, 2), { backend, state }).run()
    const path = join(root, 'gpt2')
    await savePublished(path, small, state)
    const from = await openModelSource(path)
    await exportFolder(from, `${path}-f16`, { type: 'f16' })
    from.close()
    const read = await openModelSource(`${path}-f16`)
    expect(read.stored['h.0.mlp.c_fc.weight']).toEqual({ dtype: 'f16' })
    expect(read.stored['wpe.weight']).toBeUndefined()
    expect(read.bytes('wpe.weight').length).toBe(4 * 8 * 8)
    read.close()
  })

  it.each<[string, (path: string) => void]>([
    [
      'vocab.json and merges.txt',
      (path) => {
        const { vocab, merges } = JSON.parse(writeTokenizerJson(bpe({ merges: [[71, 72]] }))).model
        writeFileSync(join(path, 'vocab.json'), JSON.stringify(vocab))
        const lines = merges.map((each: string | string[]) => (typeof each === 'string' ? each : each.join(' ')))
        writeFileSync(join(path, 'merges.txt'), `#version: 0.2\n${lines.join('\n')}\n`)
      },
    ],
    [
      'a tokenizer.model',
      (path) => {
        const pieces = [
          { piece: '<unk>', type: 2 },
          { piece: '▁' },
          { piece: 'hi', score: -1 },
          { piece: 'h', score: -2 },
          { piece: 'i', score: -3 },
        ]
        writeFileSync(join(path, 'tokenizer.model'), writeSentencePieceFile({ pieces, trainer: { modelType: 2 } }))
      },
    ],
  ])('may have %s in place of a tokenizer.json', async (_, write) => {
    const small = gpt2({ vocabSize: 260, context: 8, width: 8, layers: 1, heads: 2 })
    const backend = referenceBackend()
    const state = createState(backend)
    await compile(initialization(small, 2), { backend, state }).run()
    const path = mkdtempSync(join(root, 'other-tokenizer-'))
    await savePublished(path, small, state)
    write(path)
    const read = await openModelSource(path)
    const tokens = readTokenizerJson(read.tokenizerText!)
    expect(tokens.decode(tokens.encode('hi')).trim()).toBe('hi')
    expect(tokens.idOf('hi')).toBeDefined()
    read.close()
  })
})
