import { describe, expect, it } from 'vitest'
import { llama, modelFromConfig } from './index.ts'
import { ropeScaling, rotaryFactors } from './rope-scaling.ts'

const llama31 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
} as const

describe('rotaryFactors', () => {
  it('leaves what turns often alone, and slows what turns seldom', () => {
    const factors = rotaryFactors(llama31, 128, 500_000)
    const turns = Array.from(factors, (_, j) => 8192 / (2 * Math.PI * 500_000 ** (j / 64)))
    expect(factors[turns.findLastIndex((count) => count > 4)]).toBe(1)
    expect(factors[turns.findIndex((count) => count < 1)]).toBe(8)
    const between = [...factors].filter((_, j) => turns[j] < 4 && turns[j] > 1)
    expect(between.length).toBeGreaterThan(3)
    expect(between).toEqual(between.toSorted((a, b) => a - b))
    // Halfway between the borders, 2.5 turns: frequencies are the mean of both.
    const halfway = rotaryFactors({ ...llama31, original_max_position_embeddings: 2.5 * 2 * Math.PI }, 2, 500_000)
    expect(halfway[0]).toBeCloseTo(1 / ((1 + 1 / 8) / 2), 6)
  })
})

describe('a Llama of a config.json', () => {
  const sizes = { vocabSize: 32, context: 64, width: 32, layers: 1, heads: 2 }

  it('keeps its own width of heads, epsilon and scaling', () => {
    const model = llama({ ...sizes, headWidth: 24, normEpsilon: 1e-6, ropeScaling: llama31 })
    expect(model.config).toMatchObject({ head_dim: 24, rms_norm_eps: 1e-6, rope_scaling: llama31 })
    expect(model.weights['model.layers.0.self_attn.q_proj.weight'].shape).toEqual([48, 32])
    expect(model.weights['model.layers.0.self_attn.o_proj.weight'].shape).toEqual([32, 48])
    const again = modelFromConfig({ model_type: 'llama', ...model.config })
    expect(again.config).toEqual(model.config)
    expect(again.weights).toEqual(model.weights)
  })

  it('says nothing of what is as usual', () => {
    expect(Object.keys(llama(sizes).config)).not.toContain('head_dim')
    expect(Object.keys(llama(sizes).config)).not.toContain('rope_scaling')
  })

  it.each([
    [{ rope_type: 'yarn', factor: 2 }, /"yarn" is not known; there are default, linear, llama3/],
    [{ rope_type: 'llama3', factor: 2 }, /low_freq_factor of rope_scaling must be a number above 0/],
    [{ type: 'linear', factor: Number.NaN }, /factor of rope_scaling must be/],
  ])('refuses %j', (entry, message) => {
    expect(() => ropeScaling({ rope_scaling: entry })).toThrow(message)
  })
})
