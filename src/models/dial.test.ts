import { describe, expect, it } from 'vitest'
import { parameterCount } from '../nn/index.ts'
import { batchesOf, buildModel, horizonOf, presets, shapeOf } from './index.ts'

const depths = Array.from({ length: 32 }, (_, i) => i + 1)

describe('the dial', () => {
  it('gives the published shape at the depth of GPT-2 124M, and narrow heads to narrow models', () => {
    const { width, heads } = presets['gpt2-124m']
    expect(shapeOf(12)).toEqual({ width, heads })
    expect([1, 2, 3, 4, 8].map((depth) => shapeOf(depth))).toEqual([
      { width: 64, heads: 2 },
      { width: 128, heads: 4 },
      { width: 192, heads: 6 },
      { width: 256, heads: 4 },
      { width: 512, heads: 8 },
    ])
    expect(shapeOf(4, 512)).toEqual({ width: 512, heads: 8 })
  })

  it('gives what the models were trained with whose authors fitted the laws', () => {
    // Bi et al. 2024, table 2: layers, width, rows of 4096 tokens in a batch, rate; 2·10^12 tokens. Their models' size is
    // the FLOPs of a token without embeddings, 72·L·C² + 12·L·C·T (equation 2), where ours is six times the parameters.
    for (const [layers, width, rows, rate] of [
      [30, 4096, 2304, 4.2e-4],
      [95, 8192, 4608, 3.2e-4],
    ]) {
      const parameters = (72 * layers * width ** 2 + 12 * layers * width * 4096) / 6
      const { batchTokens, learningRate } = horizonOf(parameters, 2e12 / parameters)
      expect(learningRate / rate).toBeCloseTo(1, 1)
      expect(batchTokens / (rows * 4096)).toBeGreaterThan(0.9)
      expect(batchTokens / (rows * 4096)).toBeLessThan(1.1)
    }
  })

  it('trains deeper models longer, with larger batches, at lower rates', () => {
    const dialed = depths.map((depth) => {
      const model = buildModel({ model: 'llama', depth, vocabSize: 2048, context: 256 })
      const parameters = parameterCount(model.weights)
      return { ...shapeOf(depth), parameters, ...horizonOf(parameters) }
    })
    for (const [i, after] of dialed.entries()) {
      expect(after.tokens).toBe(20 * after.parameters)
      const before = dialed[i - 1]
      if (before === undefined) continue
      expect(after.width).toBeGreaterThan(before.width)
      expect(after.tokens).toBeGreaterThan(before.tokens)
      expect(after.batchTokens).toBeGreaterThan(before.batchTokens)
      expect(after.learningRate).toBeLessThan(before.learningRate)
    }
  })

  it('is exact for GPT-2 124M', () => {
    const { tokens, batchTokens, learningRate } = horizonOf(124_439_808)
    // C = 6 · 124439808 · 2488796160 = 1.8582e18; computed apart, with logarithms to the base of ten.
    expect(tokens).toBe(2_488_796_160)
    expect(batchTokens).toBeCloseTo(10 ** (Math.log10(0.292) + 0.3271 * 18.269103), -1)
    expect(learningRate).toBeCloseTo(10 ** (Math.log10(0.3118) - 0.125 * 18.269103), 7)
  })

  it('refuses what is no size', () => {
    expect(() => horizonOf(0)).toThrow('must be above 0, got 0 and 20')
    expect(() => horizonOf(1e6, -1)).toThrow('got 1000000 and -1')
  })
})

describe('the batches of a step', () => {
  it('are powers of two that come near, and no more at once than is of use', () => {
    for (const tokens of [1, 100, 128, 1024, 10_000]) {
      for (const wanted of [1, 1000, 30_000, 1e6]) {
        const { batch, accumulate } = batchesOf(wanted, tokens)
        expect(Number.isInteger(Math.log2(batch * accumulate))).toBe(true)
        expect(batch * tokens <= 4096 || batch === 1).toBe(true)
        if (wanted >= tokens) {
          expect((batch * accumulate * tokens) / wanted).toBeGreaterThanOrEqual(Math.SQRT1_2)
          expect((batch * accumulate * tokens) / wanted).toBeLessThanOrEqual(Math.SQRT2)
        } else expect(batch * accumulate).toBe(1)
      }
    }
  })

  it('keep to what is given', () => {
    expect(batchesOf(65_536, 128, { batch: 3 })).toEqual({ batch: 3, accumulate: 171 })
    expect(batchesOf(65_536, 128, { accumulate: 4 })).toEqual({ batch: 128, accumulate: 4 })
    expect(batchesOf(65_536, 128, { batch: 3, accumulate: 1 })).toEqual({ batch: 3, accumulate: 1 })
    expect(batchesOf(65_536, 128, { batch: 10_000 })).toEqual({ batch: 10_000, accumulate: 1 })
  })
})
