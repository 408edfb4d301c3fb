import { describe, expect, it } from 'vitest'
import { parameterCount } from '../nn/index.ts'
import { gpt2, llama, mup } from './index.ts'

const size = { vocabSize: 64, context: 16, width: 64, layers: 2, heads: 4 }
const models = [gpt2(size), llama(size), llama({ ...size, tied: false })]

describe('mup', () => {
  it.each(
    models.map((model) => [model.family, model] as const),
  )('changes nothing of %s at its base width', (_, model) => {
    expect(mup(model, { baseWidth: 64 })).toBe(model)
  })

  it('gives every weight its first size and its rate, by what it does', () => {
    const model = gpt2(size)
    const { weights } = mup(model, { baseWidth: 16 })
    const deviation = (name: string) => (weights[name].initial as { deviation: number }).deviation
    const residual = 0.02 / Math.sqrt(4)
    // m = 4
    expect(deviation('h.0.attn.c_attn.weight')).toBeCloseTo(0.02 / 2, 12)
    expect(deviation('h.1.mlp.c_proj.weight')).toBeCloseTo(residual / 2, 12)
    expect(weights['h.1.mlp.c_fc.weight'].rate).toEqual({ gradient: 1, elements: 0.25, spectrum: 0.5 })
    expect(deviation('wpe.weight')).toBe(0.02)
    // As an output embedding of the base width begins.
    expect(weights['wte.weight'].initial).toEqual(gpt2({ ...size, width: 16 }).weights['wte.weight'].initial)
    expect(weights['wte.weight'].rate).toEqual({ gradient: 4, elements: 1, spectrum: 1 })
    expect(weights['h.0.ln_1.weight'].rate).toEqual({ gradient: 4, elements: 1, spectrum: 1 })
    expect(weights['ln_f.weight'].initial).toEqual({ kind: 'constant', value: 0.25 })
    expect(weights['ln_f.bias'].rate).toEqual({ gradient: 0.25, elements: 0.25, spectrum: 1 })
    expect(parameterCount(weights)).toBe(parameterCount(model.weights))
  })

  it('refuses what it cannot scale', () => {
    expect(() => mup(models[0], { baseWidth: 0.5 })).toThrow('baseWidth must be a whole number above 0, got 0.5')
    const bare = Object.fromEntries(Object.entries(models[1].weights).filter(([, { role }]) => role !== 'readout'))
    expect(() => mup({ ...models[1], weights: bare }, { baseWidth: 16 })).toThrow('ends without a norm')
  })
})
