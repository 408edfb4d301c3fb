import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type PackedDType, sizeOf } from '../base/index.ts'
import { gpt2 } from '../models/index.ts'
import type { StoredWeight } from '../nn/index.ts'
import { packRows } from '../packing/index.ts'
import type { ModelSource } from './model-source.ts'
import { openModelSource } from './open-model-source.ts'
import { exportQuantizedFolder } from './quantized-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'alippe-packed-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const model = gpt2({ vocabSize: 96, context: 16, width: 64, layers: 1, heads: 2 })

/** A model whose matrices are packed, GPT-2's the other way round. */
function packedModel(dtype: PackedDType): ModelSource {
  const stored: Record<string, StoredWeight> = {}
  const bytes = new Map<string, Uint8Array>()
  for (const [name, { shape }] of Object.entries(model.weights)) {
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + name.length))
    const isMatrix = shape.length === 2 && name !== 'wpe.weight'
    const transposed = isMatrix && name !== 'wte.weight'
    if (isMatrix) stored[name] = transposed ? { dtype, transposed } : { dtype }
    bytes.set(
      name,
      isMatrix ? packRows(dtype, values, transposed ? shape[0] : shape[1]) : new Uint8Array(values.buffer),
    )
  }
  return { kind: 'test', path: 'packed', model, stored, bytes: (name) => bytes.get(name)!, close() {} }
}

describe('exportQuantizedFolder', () => {
  it.each(['int8', 'nf4', 'f8e4m3', 'q4_0'] as const)('%s: is read back as it was', async (dtype) => {
    const folder = join(root, dtype)
    const source = packedModel(dtype)
    await exportQuantizedFolder(source, folder)
    const back = await openModelSource(folder)
    expect(back.stored).toEqual(source.stored)
    for (const name of Object.keys(model.weights)) expect(Buffer.compare(back.bytes(name), source.bytes(name))).toBe(0)
    back.close()
  })

  it.each([
    ['another method', { quant_method: 'gptq' }, /expected quant_method "alippe", got "gptq"/],
    ['no tensors', { quant_method: 'alippe', tensors: [] }, /expected an object of tensors/],
    ['a weight that is not there', { quant_method: 'alippe', tensors: { x: {} } }, /no weight x/],
    ['another shape', { 'wte.weight': { dtype: 'int8', shape: [1e9, 64] } }, /must be \[96, 64\]/],
    ['an unknown dtype', { 'wte.weight': { dtype: 'q9', shape: [96, 64] } }, /no known dtype/],
    ['rows that do not divide', { 'wte.weight': { dtype: 'q4_k', shape: [96, 64] } }, /cannot be q4_k/],
    ['another dtype than its bytes', { 'wte.weight': { dtype: 'q4_0', shape: [96, 64] } }, /must be U8 \[3456\]/],
  ])('refuses %s', async (_, said, message) => {
    const folder = join(root, 'broken')
    await exportQuantizedFolder(packedModel('int8'), folder)
    const file = join(folder, 'config.json')
    const config = JSON.parse(readFileSync(file, 'utf8'))
    const { tensors } = config.quantization_config
    const whole = 'quant_method' in said ? said : { quant_method: 'alippe', tensors: { ...tensors, ...said } }
    writeFileSync(file, JSON.stringify({ ...config, quantization_config: whole }))
    await expect(openModelSource(folder)).rejects.toThrow(message)
  })
})
