import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { isPacked, packings, sizeOf, transposed } from '../../src/base/index.ts'
import { unpackRows } from '../../src/packing/index.ts'
import { calibrate } from '../../src/quant/calibrate.ts'
import { evaluateQuantized, methods, quantize } from '../../src/quant/index.ts'
import { tinyBatches, tinyLogits, tinyModels, tinyWeights } from './tiny.ts'

const backend = referenceBackend()
const names = Object.keys(tinyModels)

describe.each(names)('quantize a %s', (name) => {
  const model = tinyModels[name]

  it.each(methods)('%s: every weight in file layout, and near what it was', async (method) => {
    const weights = await tinyWeights(model)
    const batches = await tinyBatches(2)
    const { bytes, layers, stored } = await quantize(model, (each) => weights.get(each)!, {
      backend,
      type: 'q8_0',
      method,
      batches,
    })
    expect([...bytes.keys()].sort()).toEqual(Object.keys(model.weights).sort())
    for (const [name, packed] of bytes) {
      const { dtype = 'f32' } = stored[name] ?? {}
      expect(packed.length).toBe((sizeOf(model.weights[name].shape) * (dtype === 'f32' ? 32 * 4 : 34)) / 32)
    }
    // Half a step of 1/127 of the greatest magnitude, whose square is at most that of its 32 neighbours; f16 scales are off by
    // up to 2⁻¹¹, for codes up to 127. Those who solve for outputs, or cut extremes, may leave weights farther away.
    const most = 32 * ((0.5 + 127 * 2 ** -11) / 127) ** 2
    const isRounding = method === 'round' || method === 'smoothquant'
    for (const { weightError } of layers) expect(weightError).toBeLessThan(isRounding ? most : 4 * most)
  })

  it('gptq makes the outputs of layers better than rounding, at the same bits', async () => {
    const weights = await tinyWeights(model)
    const read = (each: string) => weights.get(each)!
    const batches = await tinyBatches(4)
    const errors = async (method: 'round' | 'gptq' | 'awq') => {
      const { layers } = await quantize(model, read, { backend, type: 'q4_0', method, batches })
      return layers.flatMap(({ outputError }) => outputError ?? [])
    }
    const [rounded, solved, aware] = [await errors('round'), await errors('gptq'), await errors('awq')]
    const total = (list: number[]) => list.reduce((sum, error) => sum + Math.sqrt(error), 0)
    expect(solved.length).toBe(rounded.length)
    expect(total(solved)).toBeLessThan(0.8 * total(rounded))
    expect(total(aware)).toBeLessThan(total(rounded))
  })

  it('awq with an exponent of 0 and no clipping gives the bytes of rounding', async () => {
    const weights = await tinyWeights(model)
    const read = (each: string) => weights.get(each)!
    const batches = await tinyBatches(1)
    const options = { backend, type: 'q4_1', batches } as const
    const { bytes } = await quantize(model, read, { ...options, method: 'awq', awq: { steps: 1, clip: false } })
    expect(bytes).toEqual((await quantize(model, read, { ...options, batches: [] })).bytes)
  })
})

describe('rounding to the nearest', () => {
  const model = tinyModels.gpt2
  it('int8: no weight is off by more than half a step', async () => {
    const weights = await tinyWeights(model)
    const { bytes, stored } = await quantize(model, (each) => weights.get(each)!, { backend, type: 'int8' })
    for (const [name, { dtype, transposed: isTransposed }] of Object.entries(stored)) {
      expect(isPacked(dtype)).toBe(true)
      const { shape } = model.weights[name]
      const values = weights.get(name)!
      const rows = isTransposed ? transposed(values, shape[0], shape[1]) : values
      const columns = isTransposed ? shape[0] : shape[1]
      const back = unpackRows('int8', bytes.get(name)!, columns)
      for (let at = 0; at < rows.length; at += columns) {
        const row = rows.subarray(at, at + columns)
        // The factor is rounded to f32, and so is its product with codes up to 127.
        const most = (Math.max(...row.map(Math.abs)) / 127 / 2) * (1 + 2 ** -16)
        for (let j = 0; j < columns; j++) expect(Math.abs(back[at + j] - row[j])).toBeLessThanOrEqual(most)
      }
    }
  })

  it('keeps vectors and positions, and gives rows that do not divide the next type', async () => {
    const weights = await tinyWeights(model)
    const read = (each: string) => weights.get(each)!
    const plain = await quantize(model, read, { backend, type: 'q4_0' })
    expect(plain.stored['wpe.weight']).toBeUndefined()
    expect(plain.stored['h.0.ln_1.weight']).toBeUndefined()
    expect(plain.stored['h.0.attn.c_attn.weight']).toEqual({ dtype: 'q4_0', transposed: true })
    expect(plain.stored['wte.weight']).toEqual({ dtype: 'q8_0' }) // rows of 64 are no whole block of q6_k
    expect(plain.fallbacks).toEqual([])
    const blocks = await quantize(model, read, { backend, type: 'q4_k' })
    expect(packings.q4_k.elements).toBe(256)
    expect(blocks.stored['h.0.attn.c_attn.weight']).toEqual({ dtype: 'q8_0', transposed: true })
    expect(blocks.stored['h.0.mlp.c_proj.weight']).toEqual({ dtype: 'q4_k', transposed: true })
    expect(blocks.fallbacks).toContain('h.0.attn.c_attn.weight')
  })

  it('says that a method needs batches', async () => {
    const read = () => new Float32Array()
    await expect(quantize(model, read, { backend, type: 'q4_0', method: 'gptq' })).rejects.toThrow(/batches of tokens/)
  })
})

describe('evaluateQuantized', () => {
  const model = tinyModels.gpt2

  it('finds nothing between a model and itself, and the perplexity that its logits give', async () => {
    const weights = await tinyWeights(model)
    const read = (each: string) => weights.get(each)!
    const batches = await tinyBatches(2)
    const bytes = new Map([...weights].map(([name, values]) => [name, new Uint8Array(values.buffer)]))
    const report = await evaluateQuantized(model, read, { stored: {}, bytes }, batches, { backend })
    expect(report).toMatchObject({ tokens: 128, divergenceNats: 0, agreement: 1 })
    expect(report.quantizedPerplexity).toBe(report.perplexity)
    let nats = 0
    for (const batch of batches) {
      const logits = await tinyLogits(model, weights, batch)
      for (const [n, target] of batch.targets.entries()) {
        const row = logits.subarray(96 * n, 96 * n + 96)
        const greatest = Math.max(...row)
        nats += greatest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - greatest), 0)) - row[target]
      }
    }
    expect(report.perplexity / Math.exp(nats / 128)).toBeCloseTo(1, 4)
  })

  it('finds more the fewer the bits', async () => {
    const weights = await tinyWeights(model)
    const read = (each: string) => weights.get(each)!
    const batches = await tinyBatches(2)
    const divergences = []
    for (const type of ['q8_0', 'q4_1', 'nf4'] as const) {
      const quantized = await quantize(model, read, { backend, type })
      divergences.push((await evaluateQuantized(model, read, quantized, batches, { backend })).divergenceNats)
    }
    expect(divergences[0]).toBeGreaterThan(0)
    expect(divergences[0]).toBeLessThan(divergences[1])
    expect(divergences[0]).toBeLessThan(divergences[2])
  })
})

describe('calibrate', () => {
  it('finds the second moments that inputs have, block by block', async () => {
    const model = tinyModels.llama
    const weights = await tinyWeights(model)
    const batches = await tinyBatches(3)
    const blocks = []
    for await (const { sites } of calibrate(model, (each) => weights.get(each)!, batches, { backend })) {
      blocks.push(sites.map(({ columns, matrices }) => `${columns} ${matrices.length}`))
      for (const { statistics, columns } of sites) {
        const { hessian, meanMagnitude, greatest, tokens } = statistics
        expect(tokens).toBe(192)
        for (let j = 0; j < columns; j++) {
          const square = hessian[j * columns + j]
          // (mean|x|)² ≤ mean x² ≤ max|x|², but for roundings of sums of 192
          expect(meanMagnitude[j] ** 2).toBeLessThanOrEqual(square * (1 + 2 ** -15))
          expect(square).toBeLessThanOrEqual(greatest[j] ** 2 * (1 + 2 ** -15))
          for (let i = 0; i < j; i++) expect(hessian[i * columns + j]).toBe(hessian[j * columns + i])
        }
      }
    }
    expect(blocks).toEqual([
      ['64 3', '64 1', '64 2', '128 1'],
      ['64 3', '64 1', '64 2', '128 1'],
    ])
  })

  it('refuses batches of several shapes', async () => {
    const mixed = [...(await tinyBatches(1)), ...(await tinyBatches(1, 16))]
    const all = calibrate(tinyModels.llama, () => new Float32Array(), mixed, { backend })
    await expect(all.next()).rejects.toThrow(/of one shape/)
  })

  it('ends when it is asked to', async () => {
    const weights = await tinyWeights(tinyModels.llama)
    const signal = AbortSignal.abort(new Error('enough'))
    const all = calibrate(tinyModels.llama, (each) => weights.get(each)!, await tinyBatches(1), { backend, signal })
    await expect(all.next()).rejects.toThrow('enough')
  })
})
