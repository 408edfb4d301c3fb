import { afterAll, describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { philox } from '../base/index.ts'
import { packRows, unpackRows } from '../packing/index.ts'
import { awqFactors, clipped } from './awq.ts'
import { difference, outputError } from './output-error.ts'
import { products } from './products.ts'
import { scaleColumns } from './scale-columns.ts'
import { smoothFactors } from './smoothquant.ts'

const engine = products(referenceBackend())
afterAll(() => engine.release())

const columns = 64
const words = new Uint32Array(4)
const weights = Float32Array.from({ length: 16 * columns }, (_, i) => {
  philox(1, 0, 0, 0, i, 9, words)
  return words.reduce((sum, word) => sum + word / 2 ** 32 - 0.5, 0)
})

/** Inputs of which a few channels are a hundred times as large. */
const magnitude = Float32Array.from({ length: columns }, (_, j) => (j % 16 === 3 ? 100 : 1))
const hessian = Float32Array.from({ length: columns * columns }, (_, at) => {
  const [i, j] = [Math.floor(at / columns), at % columns]
  return i === j ? magnitude[i] ** 2 : 0
})
const statistics = { tokens: 1, hessian, meanMagnitude: magnitude, greatest: magnitude }

describe('awqFactors', () => {
  it('are 1 with an exponent of 0', async () => {
    const { factors, exponent } = await awqFactors(weights, statistics, 'q4_0', engine, { steps: 1 })
    expect(exponent).toBe(0)
    expect(factors).toEqual(new Float32Array(columns).fill(1))
    expect(packRows('q4_0', scaleColumns(weights, factors), columns)).toEqual(packRows('q4_0', weights, columns))
  })

  it('make the output error less where some channels are large', async () => {
    const { factors, exponent } = await awqFactors(weights, statistics, 'q4_0', engine)
    expect(exponent).toBeGreaterThan(0)
    const errorWith = (scale: Float32Array) => {
      const rounded = unpackRows('q4_0', packRows('q4_0', scaleColumns(weights, scale), columns), columns)
      const back = scaleColumns(
        rounded,
        scale.map((factor) => 1 / factor),
      )
      return outputError(difference(back, weights), hessian, engine)
    }
    expect(await errorWith(factors)).toBeLessThan(0.5 * (await errorWith(new Float32Array(columns).fill(1))))
  })

  it('stay finite where a channel, or all of them, is never used', async () => {
    for (const share of [0, 1]) {
      const meanMagnitude = magnitude.map((value, j) => (j === 5 ? 0 : value * share))
      const { factors } = await awqFactors(weights, { ...statistics, meanMagnitude }, 'q4_0', engine)
      expect(factors.every((factor) => Number.isFinite(factor) && factor > 0)).toBe(true)
    }
  })
})

describe('clipped', () => {
  const errorOf = (changed: Float32Array) =>
    outputError(difference(unpackRows('q4_0', packRows('q4_0', changed, columns), columns), weights), hessian, engine)

  it('never makes the error of independent inputs worse, and makes some better', async () => {
    const cut = clipped(weights, hessian, 'q4_0')
    expect(await errorOf(cut)).toBeLessThan(await errorOf(weights))
  })

  it('leaves types with a scale for the whole row alone', () => {
    expect(clipped(weights, hessian, 'int8')).toBe(weights)
  })
})

describe('smoothFactors', () => {
  it('make inputs and weights equally large with a strength of one half', () => {
    const { factors } = smoothFactors(weights, statistics)
    const scaled = scaleColumns(weights, factors)
    for (let j = 0; j < columns; j++) {
      let largest = 0
      for (let at = j; at < scaled.length; at += columns) largest = Math.max(largest, Math.abs(scaled[at]))
      expect(magnitude[j] / factors[j] / largest).toBeCloseTo(1, 5)
    }
  })
})
