import { describe, expect, it } from 'vitest'
import { parameterCount } from '../nn/index.ts'
import { modelOf, resolveRun } from './resolve-run.ts'

describe('the settings of a run', () => {
  it('are those of before when nobody says anything', () => {
    const { settings, derived } = resolveRun()
    expect(derived).toEqual({})
    expect(settings.training).toMatchObject({ batch: 16, tokens: 128, steps: 1000, accumulate: 1, learningRate: 3e-3 })
    expect(settings.training).toMatchObject({ precision: 'f32', optimizer: 'adamw', schedule: 'cosine' })
    expect(modelOf(settings).config).toMatchObject({ num_hidden_layers: 4, hidden_size: 256, vocab_size: 2048 })
  })

  it('come from flags before files before defaults', () => {
    const flags = { training: { steps: 5, batch: undefined }, corpus: { data: undefined } }
    const file = { training: { steps: 9, batch: 3, seed: 2 }, model: { name: 'gpt2' } } as const
    const { settings } = resolveRun(flags, file)
    expect(settings.training).toMatchObject({ steps: 5, batch: 3, seed: 2, tokens: 128 })
    expect(settings.model.name).toBe('gpt2')
    expect(settings.corpus).toEqual({ world: 1, families: 6, villages: 12, documents: 200_000 })
  })

  it('of a model that has a name are its own', () => {
    const { settings, derived } = resolveRun({ model: { name: 'gpt2-124m' }, training: { tokens: 1024 } })
    expect(derived).toEqual({})
    expect(settings.tokenizer.vocabulary).toBe(50257)
    expect(parameterCount(modelOf(settings).weights)).toBe(124_439_808)
    // However few tokens a tokenizer found in its text.
    expect(modelOf(settings, 3000).vocabSize).toBe(50257)
    expect(() => modelOf(settings, 50258)).toThrow('has 50258 tokens, but gpt2-124m knows 50257: lower --vocab')
    expect(modelOf(resolveRun().settings, 1900).vocabSize).toBe(1900)
    const wide = resolveRun({ model: { name: 'tiny', context: 512 } }).settings
    expect(() => modelOf(wide)).toThrow('tiny has its own context of 128, got 512: leave it out, or take llama or gpt2')
  })

  it('follow the depth where they are not said', () => {
    const { settings, derived } = resolveRun({ model: { depth: 2 }, training: { tokens: 64 } })
    // N = 2048·128 + 2·(4·128² + 3·128·352 + 2·128) + 128 = 664,192; D = 20 N; C = 6 N D = 5.2938e13.
    // 0.292 · C^0.3271 = 8,994 tokens, 128 rows of 64; 0.3118 · C^−0.125 = 0.0060.
    expect(derived).toEqual({ batch: 64, accumulate: 2, steps: Math.ceil(13_283_840 / 8192), learningRate: 0.006 })
    expect(settings.training).toMatchObject(derived)
    expect(settings.training.warmup).toBe(resolveRun().settings.training.warmup)
  })

  it('keep what is said, and derive the rest from it', () => {
    const depth = { model: { depth: 2 } }
    const said = { training: { batch: 4, learningRate: 1e-3, tokens: 64 } }
    const { settings, derived } = resolveRun(said, depth)
    expect(derived).toEqual({ accumulate: 32, steps: Math.ceil(13_283_840 / 8192) })
    expect(settings.training).toMatchObject({ batch: 4, accumulate: 32, learningRate: 1e-3 })
    expect(resolveRun({ training: { steps: 7, ratio: 20 } }, depth).derived).toMatchObject({ batch: 32, accumulate: 2 })
    expect(resolveRun({ training: { steps: 7, ratio: 20 } }, depth).settings.training.steps).toBe(7)
    // Steps alone: the dial stays as it is.
    const plain = resolveRun({ training: { steps: 7 } }, depth)
    expect(plain.derived).toEqual({})
    expect(plain.settings.training).toMatchObject({ steps: 7, batch: 16, accumulate: 1, learningRate: 3e-3 })
    expect(resolveRun({ training: { optimizer: 'lion' } }, depth).derived).not.toHaveProperty('learningRate')
  })

  it('follow a ratio of tokens to parameters, also of a model that has a name', () => {
    const once = resolveRun({ model: { name: 'tiny' }, training: { ratio: 1 } })
    const { batch, accumulate, tokens, steps } = once.settings.training
    expect(Math.abs(steps * batch * accumulate * tokens - 875_264)).toBeLessThan(batch * accumulate * tokens)
    const more = resolveRun({ model: { name: 'tiny' }, training: { ratio: 40 } })
    expect(more.settings.training.learningRate).toBeLessThan(once.settings.training.learningRate)
  })

  it('carry initial values over from another width', () => {
    const wide = { model: { depth: 1, width: 128, heads: 2 } }
    const deviation = (mup: number) =>
      modelOf(resolveRun(wide, { training: { mup } }).settings).weights['model.layers.0.mlp.up_proj.weight'].initial
    expect(deviation(0)).toEqual({ kind: 'normal', deviation: 0.02 })
    expect(deviation(32)).toEqual({ kind: 'normal', deviation: 0.01 })
  })

  it('refuse a model that cannot be', () => {
    expect(() => resolveRun({ model: { depth: 2, width: 100, heads: 3 } })).toThrow('does not divide into 3 heads')
    expect(() => modelOf(resolveRun({ model: { name: 'tiny', width: 64 } }).settings)).toThrow('tiny has its own width')
  })
})
