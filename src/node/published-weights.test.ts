import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { toBf16Bits } from '../base/index.ts'
import { compile, createState, type State } from '../compiler/index.ts'
import { readSafetensorsHeader, type SafetensorsDType, safetensorsHeader } from '../formats/index.ts'
import { gpt2, modelFromConfig } from '../models/index.ts'
import { initialUpdates } from '../nn/index.ts'
import { readJson } from './checkpoint.ts'
import { loadPublished, savePublished } from './published-weights.ts'

const model = gpt2({ vocabSize: 300, context: 16, width: 16, layers: 2, heads: 2 })
const backend = referenceBackend()
const folder = mkdtempSync(join(tmpdir(), 'alippe-published-'))
const path = join(folder, 'model.safetensors')
const state = createState(backend)

beforeAll(async () => {
  const program = compile({ outputs: {}, updates: initialUpdates(model.weights, 1) }, { backend, state })
  await program.run()
  program.release()
})
afterAll(() => rmSync(folder, { recursive: true }))

type File = Map<string, { dtype: SafetensorsDType; shape: readonly number[]; bytes: Uint8Array }>

function readFile(): File {
  const bytes = new Uint8Array(readFileSync(path))
  const entries = readSafetensorsHeader(bytes).entries.map(
    ({ name, dtype, shape, offset, bytes: length }) =>
      [name, { dtype, shape, bytes: bytes.subarray(offset, offset + length) }] as const,
  )
  return new Map(entries)
}

function writeFile(file: File): void {
  const { bytes, entries } = safetensorsHeader([...file].map(([name, tensor]) => ({ name, ...tensor })))
  writeFileSync(path, Buffer.concat([bytes, ...entries.map(({ name }) => file.get(name)!.bytes)]))
}

async function bits(of: State): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of Object.keys(model.weights)) {
    const values = await of.read(name)
    found[name] = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex')
  }
  return found
}

async function loaded(): Promise<State> {
  const other = createState(backend)
  await loadPublished(folder, model, other)
  return other
}

describe('a published GPT-2', () => {
  it.each([true, false])('comes back bit for bit, with the prefix: %s', async (prefixed) => {
    await savePublished(folder, model, state, { prefixed })
    const names = [...readFile().keys()]
    expect(names).toHaveLength(Object.keys(model.weights).length)
    expect(names.every((name) => name.startsWith('transformer.') === prefixed)).toBe(true)
    expect(names.some((name) => name.includes('lm_head'))).toBe(false)
    expect(await bits(await loaded())).toEqual(await bits(state))
  })

  it('is written with the entries that transformers writes', async () => {
    await savePublished(folder, model, state)
    const config = await readJson(join(folder, 'config.json'))
    expect(modelFromConfig(config)).toMatchObject({ config: model.config, weights: model.weights })
    expect(config).toMatchObject({ architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', n_inner: null, n_ctx: 16 })
    const { metadata } = readSafetensorsHeader(readFileSync(path))
    expect(metadata.get('format')).toBe('pt')
  })

  it('of old holds masks and the output embedding too', async () => {
    await savePublished(folder, model, state, { prefixed: true })
    const file = readFile()
    for (const i of [0, 1]) {
      file.set(`transformer.h.${i}.attn.bias`, { dtype: 'U8', shape: [1, 1, 16, 16], bytes: new Uint8Array(256) })
      file.set(`transformer.h.${i}.attn.masked_bias`, { dtype: 'F32', shape: [], bytes: new Uint8Array(4) })
    }
    file.set('lm_head.weight', file.get('transformer.wte.weight')!)
    writeFile(file)
    expect(await bits(await loaded())).toEqual(await bits(state))
  })

  it('may be f16 or bf16', async () => {
    await savePublished(folder, model, state)
    const file = readFile()
    const f32 = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer)
    const shorten = (dtype: SafetensorsDType, round: (values: Float32Array) => Uint16Array | Float16Array) =>
      new Map(
        [...file].map(([name, { shape, bytes }]) => {
          return [name, { dtype, shape, bytes: new Uint8Array(round(f32(bytes)).buffer) }]
        }),
      )
    const weight = f32(file.get('wte.weight')!.bytes)
    writeFile(shorten('F16', (values) => Float16Array.from(values)))
    expect(await (await loaded()).read('wte.weight')).toEqual(weight.map((value) => Math.f16round(value)))
    writeFile(shorten('BF16', (values) => Uint16Array.from(values, toBf16Bits)))
    const rounded = new Float32Array(Uint32Array.from(weight, (value) => toBf16Bits(value) << 16).buffer)
    expect(await (await loaded()).read('wte.weight')).toEqual(rounded)
  })
})

describe('a file that does not fit', () => {
  let file: File
  beforeEach(async () => {
    await savePublished(folder, model, state)
    file = readFile()
  })
  const bias = (shape: readonly number[]) => ({ dtype: 'F32' as const, shape, bytes: new Uint8Array(4 * shape[0]) })

  it.each<[string, () => void, RegExp]>([
    ['lacks one tensor', () => file.delete('h.1.ln_2.bias'), /there is no tensor h\.1\.ln_2\.bias; is config/],
    [
      'lacks many',
      () => void [...file.keys()].filter((name) => name.startsWith('h.1')).map((name) => file.delete(name)),
      /there is no tensor h\.1\.ln_1\.weight, and 11 more are missing/,
    ],
    ['has another shape', () => file.set('ln_f.bias', bias([15])), /ln_f\.bias must be F32.* \[16\], got F32 \[15\]/],
    ['has another dtype', () => file.set('ln_f.bias', { ...bias([16]), dtype: 'I32' }), /got I32 \[16\]/],
    ['has a tensor more', () => file.set('h.2.ln_1.bias', bias([16])), /h\.2\.ln_1\.bias is no weight of this gpt2/],
    ['has __proto__', () => file.set('constructor', bias([16])), /constructor is no weight/],
    ['has a tensor twice', () => file.set('transformer.ln_f.bias', bias([16])), /ln_f\.bias .*are the same weight/],
    [
      'has another output embedding',
      () => {
        const { bytes, ...rest } = file.get('wte.weight')!
        const other = bytes.slice()
        other[other.length - 3] ^= 1
        file.set('lm_head.weight', { ...rest, bytes: other })
      },
      /lm_head\.weight differs from wte\.weight/,
    ],
  ])('because it %s is refused, and nothing is read of it', async (_, spoil, message) => {
    spoil()
    writeFile(file)
    const other = createState(backend)
    await expect(loadPublished(folder, model, other)).rejects.toThrow(message)
    expect(other.places.size).toBe(0)
  })

  it('because it is not there, ends early or is of a family that is not known', async () => {
    writeFileSync(path, readFileSync(path).subarray(0, -4))
    await expect(loaded()).rejects.toThrow(/truncated/)
    rmSync(path)
    await expect(loaded()).rejects.toThrow(/cannot read .*model\.safetensors: it does not exist/)
    await expect(savePublished(folder, { ...model, family: 'rwkv' }, state)).rejects.toThrow(
      /layout of rwkv is not known; there is one for gpt2, llama/,
    )
    await expect(savePublished(folder, model, createState(backend))).rejects.toThrow(/the state holds no/)
  })
})
