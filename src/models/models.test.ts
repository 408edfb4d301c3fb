import { describe, expect, it } from 'vitest'
import { parameterCount } from '../nn/index.ts'
import { buildModel, gpt2, gpt2Sizes, llama, modelFromConfig } from './index.ts'

describe('gpt2', () => {
  it('has the parameters of the published sizes', () => {
    const counts = Object.values(gpt2Sizes).map((size) => parameterCount(gpt2(size).weights))
    // Of the published checkpoints of Hugging Face.
    expect(counts).toEqual([124_439_808, 354_823_168, 774_030_080, 1_557_611_200])
  })

  it('names its weights as the published checkpoint does', () => {
    const { weights } = gpt2(gpt2Sizes['gpt2-124m'])
    expect(Object.keys(weights)).toHaveLength(148)
    expect(weights['h.11.attn.c_attn.weight'].shape).toEqual([768, 2304])
    expect(weights['h.0.mlp.c_proj.bias'].shape).toEqual([768])
    expect(weights['wpe.weight'].shape).toEqual([1024, 768])
  })
})

describe('llama', () => {
  it('counts as a published configuration does', () => {
    // TinyLlama 1.1B: Zhang et al. 2024, table 1, with untied embeddings.
    const model = llama({
      vocabSize: 32000,
      context: 2048,
      width: 2048,
      layers: 22,
      heads: 32,
      keyValueHeads: 4,
      hidden: 5632,
      tied: false,
    })
    expect(parameterCount(model.weights)).toBe(1_100_048_384)
  })

  it('refuses heads that do not fit, and says how', () => {
    const size = { vocabSize: 64, context: 16, width: 48, layers: 1, heads: 5 }
    expect(() => llama(size)).toThrow('a width of 48 does not divide into 5 heads')
    expect(() => llama({ ...size, heads: 4, keyValueHeads: 3 })).toThrow('got 4 and 3')
    expect(() => llama({ ...size, heads: 16 })).toThrow('even width')
    expect(() => llama({ ...size, layers: 1.5 })).toThrow('layers must be a whole number above 0, got 1.5')
  })
})

describe('models from settings', () => {
  it('come back from their config.json', () => {
    const models = [
      buildModel({ model: 'llama', vocabSize: 300, context: 32, depth: 2, keyValueHeads: 2 }),
      buildModel({ model: 'gpt2', vocabSize: 300, context: 32, depth: 2 }),
      llama({ vocabSize: 300, context: 32, width: 64, layers: 1, heads: 2, tied: false, ropeTheta: 500 }),
    ]
    for (const model of models) {
      const again = modelFromConfig(JSON.parse(JSON.stringify({ model_type: model.family, ...model.config })))
      expect(again.config).toEqual(model.config)
      expect(again.weights).toEqual(model.weights)
    }
  })

  it('that have a name are what they are', () => {
    const named = (model: string) => buildModel({ model, vocabSize: 300, context: 32 })
    expect(named('gpt2-124m').config).toEqual(gpt2(gpt2Sizes['gpt2-124m']).config)
    // 512·128 + 128·128 + 4·(12·128² + 13·128) + 2·128, and the same sum for the other.
    expect(parameterCount(named('tiny').weights)).toBe(875_264)
    expect(parameterCount(named('small').weights)).toBe(12_318_720)
  })

  it('say what is wrong with a config', () => {
    expect(() => modelFromConfig({ model_type: 'bert' })).toThrow(
      'model_type "bert" is not known; there are gpt2 and llama',
    )
    expect(() => modelFromConfig({ model_type: 'gpt2', vocab_size: '5' })).toThrow(
      'vocab_size must be a whole number from 1 to 67108864, got "5"',
    )
    expect(() => buildModel({ model: 'gpt2-124m', vocabSize: 300, context: 32, width: 64 })).toThrow(
      'gpt2-124m has its own width, got 64: leave it out, or take llama or gpt2',
    )
    expect(() => buildModel({ model: 'gpt5', vocabSize: 300, context: 32 })).toThrow('there are llama, gpt2, gpt2-124m')
  })
})
