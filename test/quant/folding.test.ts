import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { transposed } from '../../src/base/index.ts'
import { type CalibratedSite, calibrate } from '../../src/quant/calibrate.ts'
import { divideChannels } from '../../src/quant/foldings.ts'
import { scaleColumns } from '../../src/quant/scale-columns.ts'
import { smoothFactors } from '../../src/quant/smoothquant.ts'
import { tinyBatches, tinyLogits, tinyModels, tinyWeights } from './tiny.ts'

const backend = referenceBackend()

/** Every site that can be, scaled by SmoothQuant's factors or by arbitrary ones. */
async function folded(name: string, factorsOf: (site: CalibratedSite, rows: Float32Array) => ArrayLike<number>) {
  const model = tinyModels[name]
  const weights = await tinyWeights(model)
  const result = new Map(weights)
  const sites: CalibratedSite[] = []
  for await (const block of calibrate(model, (each) => weights.get(each)!, await tinyBatches(1), { backend })) {
    for (const site of block.sites) {
      if (site.channels === undefined) continue
      sites.push(site)
      const own = site.matrices.map((matrix) => {
        const values = result.get(matrix.name)!
        return matrix.transposed ? transposed(values, matrix.columns, matrix.rows) : values
      })
      const factors = factorsOf(site, own[0])
      for (const [i, matrix] of site.matrices.entries()) {
        const scaled = scaleColumns(own[i], factors)
        result.set(matrix.name, matrix.transposed ? transposed(scaled, matrix.rows, matrix.columns) : scaled)
      }
      for (const channels of site.channels) {
        const values = result.get(channels.name)!.slice()
        divideChannels(values, model.weights[channels.name].shape, channels, factors)
        result.set(channels.name, values)
      }
    }
  }
  return { model, weights, folded: result, sites }
}

function furthest(a: Float32Array, b: Float32Array): number {
  const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0) / scale
}

describe.each(Object.keys(tinyModels))('factors folded into a %s', (name) => {
  it.each([
    [
      'powers of two',
      (site: CalibratedSite) => Float32Array.from({ length: site.columns }, (_, j) => 2 ** ((j % 7) - 3)),
    ],
    [
      'those of SmoothQuant',
      (site: CalibratedSite, rows: Float32Array) => smoothFactors(rows, site.statistics).factors,
    ],
  ])('leave its logits: %s', async (_, factorsOf) => {
    const { model, weights, folded: changed } = await folded(name, factorsOf)
    const [batch] = await tinyBatches(1)
    const [before, after] = [await tinyLogits(model, weights, batch), await tinyLogits(model, changed, batch)]
    expect(furthest(before, after)).toBeLessThan(1e-5)
    expect([...changed].some(([each, values]) => values.some((value, i) => value !== weights.get(each)![i]))).toBe(true)
  })
})

it('are folded where the papers fold them', async () => {
  const found = async (name: string) => {
    const { sites } = await folded(name, ({ columns }) => new Float32Array(columns).fill(1))
    const short = (weight: string) => weight.replace(/^(model\.layers|h)\.\d+\./, '').replace('.weight', '')
    const texts = sites.map(
      ({ matrices, channels }) =>
        `${matrices.map(({ name }) => short(name)).join(' ')} <- ${channels!.map((each) => `${short(each.name)}@${each.axis}+${each.start}`).join(' ')}`,
    )
    return [...new Set(texts)].sort()
  }
  expect(await found('llama')).toEqual([
    'mlp.down_proj <- mlp.up_proj@0+0',
    'mlp.gate_proj mlp.up_proj <- post_attention_layernorm@0+0',
    'self_attn.o_proj <- self_attn.v_proj@0+0',
    'self_attn.q_proj self_attn.k_proj self_attn.v_proj <- input_layernorm@0+0',
  ])
  // Heads that share values would need several factors for one channel.
  expect(await found('llama with shared values')).not.toContain('self_attn.o_proj <- self_attn.v_proj@0+0')
  expect(await found('gpt2')).toEqual([
    'attn.c_attn <- ln_1@0+0 ln_1.bias@0+0',
    'attn.c_proj <- attn.c_attn@1+128 attn.c_attn.bias@0+128',
    'mlp.c_fc <- ln_2@0+0 ln_2.bias@0+0',
  ])
})
