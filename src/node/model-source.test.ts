import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishedModels } from '../../test/formats/published-models.ts'
import { referenceBackend } from '../backend/reference/index.ts'
import { FormatError } from '../base/index.ts'
import { compile, createState, type State } from '../compiler/index.ts'
import { type GgufField, type GgufTensorType, ggufHeader, readGguf } from '../formats/index.ts'
import { gpt2, type LanguageModel } from '../models/index.ts'
import { initialUpdates } from '../nn/index.ts'
import { toPanels } from '../packing/index.ts'
import { bpe, writeTokenizerJson } from '../tokenizers/index.ts'
import { exportGguf, type GgufFileType } from './export-gguf.ts'
import { writeAtomically } from './files.ts'
import { rotaryRows } from './gguf-source.ts'
import { loadPlainWeights, loadWeights } from './load-weights.ts'
import { plainWeight } from './make-source.ts'
import { openModelSource } from './open-model-source.ts'
import { savePublished } from './published-weights.ts'

const folder = mkdtempSync(join(tmpdir(), 'alippe-source-'))
afterAll(() => rmSync(folder, { recursive: true }))
const backend = referenceBackend()
const tokenizer = bpe({ merges: [[71, 72]], specials: ['<|endoftext|>'] })

const models: Record<string, LanguageModel> = {
  ...publishedModels({ vocabSize: 260, context: 16, width: 64, layers: 2 }),
  gpt2: gpt2({ vocabSize: 258, context: 16, width: 32, layers: 2, heads: 2, normEpsilon: 1e-6 }),
}

async function filled(model: LanguageModel): Promise<State> {
  const state = createState(backend)
  await compile({ outputs: {}, updates: initialUpdates(model.weights, 3) }, { backend, state }).run()
  return state
}

describe.each(Object.entries(models))('a source of %s', (title, model) => {
  const path = join(folder, title)
  let state: State
  beforeAll(async () => {
    state = await filled(model)
    await savePublished(path, model, state)
    await writeAtomically(join(path, 'tokenizer.json'), Buffer.from(writeTokenizerJson(tokenizer)))
  })
  const expectSame = async (other: State) => {
    for (const name of Object.keys(model.weights))
      expect([name, await other.read(name)]).toEqual([name, await state.read(name)])
  }

  it.each([true, false])('is a folder, mapped: %s', async (mapped) => {
    const source = await openModelSource(path, { mapped })
    expect(source.stored).toEqual({})
    expect(source.model).toMatchObject({ family: model.family, config: model.config, weights: model.weights })
    const other = createState(backend)
    await loadWeights(source, other)
    await expectSame(other)
    source.close()
  })

  it.each([true, false])('comes back from GGUF bit for bit, mapped: %s', async (mapped) => {
    const file = join(folder, `${title}.gguf`)
    const from = await openModelSource(path)
    await exportGguf(from, file, { type: 'f32' })
    from.close()
    const source = await openModelSource(file, { mapped })
    expect(source.model).toMatchObject({ family: model.family, config: model.config, weights: model.weights })
    expect(source.tokenizerText).toBeDefined()
    const other = createState(backend)
    await loadPlainWeights(source, other)
    await expectSame(other)
    // Written again, it is the same file.
    await exportGguf(source, `${file}.again`, { type: 'f32', name: title })
    const again = await openModelSource(`${file}.again`)
    for (const name of Object.keys(model.weights)) expect(again.bytes(name)).toEqual(source.bytes(name))
    again.close()
    source.close()
  })

  it.each<[GgufFileType, number]>([
    // Half a unit in the last place of the largest; for blocks of 32, of a 127th of the largest.
    ['f16', 2 ** -11],
    ['bf16', 2 ** -8],
    ['q8_0', 0.5 / 127 + 2 ** -11],
  ])('may be %s, and is kept so', async (type, bound) => {
    const file = join(folder, `${title}.${type}.gguf`)
    const from = await openModelSource(path)
    await exportGguf(from, file, { type })
    const source = await openModelSource(file)
    for (const [name, { shape }] of Object.entries(model.weights)) {
      const [exact, got] = [plainWeight(from, name), plainWeight(source, name)]
      if (shape.length === 1 || name === 'wpe.weight') expect(got).toEqual(exact)
      else {
        expect(source.stored[name]?.dtype).toBe(type)
        const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        const error = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0)
        expect(error).toBeLessThanOrEqual(bound * largest)
        expect(error).toBeGreaterThan(0)
      }
    }
    if (type === 'q8_0') {
      const other = createState(backend)
      await loadWeights(source, other)
      for (const [name, { shape }] of Object.entries(model.weights)) {
        const { transposed, dtype } = source.stored[name] ?? {}
        const laid = transposed ? shape.toReversed() : shape
        const bytes = source.bytes(name)
        const expected = dtype === 'q8_0' ? toPanels('q8_0', bytes, [laid[0], laid[1]]) : bytes
        const { buffer, byteOffset, byteLength } = await other.read(name)
        expect([name, new Uint8Array(buffer, byteOffset, byteLength)]).toEqual([name, new Uint8Array(expected)])
      }
    }
    source.close()
    from.close()
  })
})

describe('a GGUF file of others', () => {
  const model = models.gpt2
  /** The file with tensors put in, left out or changed. */
  async function changed(
    change: (tensors: Map<string, { type: GgufTensorType; shape: readonly number[]; data: Uint8Array }>) => void,
    keys: Record<string, GgufField> = {},
  ) {
    const from = join(folder, 'others')
    await savePublished(from, model, await filled(model))
    const source = await openModelSource(from)
    const file = join(folder, 'others.gguf')
    await exportGguf(source, file, { type: 'f16' })
    source.close()
    const bytes = new Uint8Array(readFileSync(file))
    const { metadata, entries } = readGguf(bytes)!
    const tensors = new Map(
      entries.map(({ name, type, shape, offset, bytes: length }) => [
        name,
        { type, shape, data: bytes.slice(offset, offset + length) },
      ]),
    )
    change(tensors)
    const header = ggufHeader(
      new Map([...metadata, ...Object.entries(keys)]),
      [...tensors].map(([name, tensor]) => ({ name, ...tensor })),
    )
    const out = new Uint8Array(header.fileBytes)
    out.set(header.bytes)
    for (const { name, offset } of header.entries) out.set(tensors.get(name)!.data, offset)
    writeFileSync(file, out)
    return openModelSource(file)
  }
  const u32 = (value: number): GgufField => ({ type: 'u32', value })

  it('may hold the output embedding twice', async () => {
    const source = await changed((tensors) => tensors.set('output.weight', tensors.get('token_embd.weight')!))
    expect(source.model.config).toEqual(model.config)
    source.close()
    const spoil = changed((tensors) => {
      const data = tensors.get('token_embd.weight')!.data.slice()
      data[3] ^= 1
      tensors.set('output.weight', { ...tensors.get('token_embd.weight')!, data })
    })
    await expect(spoil).rejects.toThrow(/output\.weight differs from token_embd\.weight/)
  })

  it.each<[string, Parameters<typeof changed>, RegExp]>([
    ['lacks a tensor', [(t) => void t.delete('blk.1.ffn_up.bias')], /there is no tensor blk\.1\.ffn_up\.bias$/],
    ['has one more', [(t) => void t.set('blk.7.x', t.get('output_norm.bias')!)], /blk\.7\.x is no weight of this gpt2/],
    [
      'has one in another shape',
      [(t) => void t.set('output_norm.bias', { type: 'F32', shape: [31], data: new Uint8Array(124) })],
      /output_norm\.bias must be \[32\], got \[31\]/,
    ],
    [
      'has one of a type that is not known here',
      [(t) => void t.set('output_norm.bias', { type: 'I8', shape: [32], data: new Uint8Array(32) })],
      /I8 is not supported; there are F32/,
    ],
    [
      'is of another architecture',
      [() => {}, { 'general.architecture': { type: 'string', value: 'mamba' } }],
      /architecture "mamba" is not known/,
    ],
    ['has 10^9 layers', [() => {}, { 'gpt2.block_count': u32(1e9) }], /n_layer must be a whole number from 1 to 4096/],
    [
      'has more layers than tensors',
      [() => {}, { 'gpt2.block_count': u32(3) }],
      /there is no tensor blk\.2\..*11 more are missing/,
    ],
    [
      'has an epsilon of its own',
      [() => {}, { 'gpt2.attention.layer_norm_epsilon': { type: 'f32', value: Number.NaN } }],
      /layer_norm_epsilon must be/,
    ],
    [
      'counts in words',
      [() => {}, { 'gpt2.block_count': { type: 'string', value: '2' } }],
      /gpt2\.block_count must be a number/,
    ],
  ])('that %s is refused', async (_, words, message) => {
    await expect(changed(...words)).rejects.toThrow(FormatError)
    await expect(changed(...words)).rejects.toThrow(message)
  })
})

describe('rows of rotary pairs', () => {
  it('are neighbours in GGUF and halves here', () => {
    // Two heads of four rows, one byte a row: llama.cpp's permutation of [0 1 2 3] is [0 2 1 3].
    const rows = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)
    expect([...rotaryRows(rows, 8, 2, 'neighbours')]).toEqual([0, 2, 1, 3, 4, 6, 5, 7])
    expect(rotaryRows(rotaryRows(rows, 8, 1, 'neighbours'), 8, 1, 'halves')).toEqual(rows)
    expect([...rotaryRows(rows, 8, 1, 'neighbours')]).toEqual([0, 4, 1, 5, 2, 6, 3, 7])
  })
})
