import { afterAll, describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { type PackedDType, philox } from '../base/index.ts'
import { packRows, unpackRows } from '../packing/index.ts'
import { gptq } from './gptq.ts'
import { grids } from './grid.ts'
import { difference, outputError } from './output-error.ts'
import { products } from './products.ts'

const engine = products(referenceBackend())
afterAll(() => engine.release())

/** Numbers near normal, by place. */
function normals(count: number, stream: number): Float32Array {
  const words = new Uint32Array(4)
  return Float32Array.from({ length: count }, (_, i) => {
    philox(1, 0, 0, 0, i, stream, words)
    return words.reduce((sum, word) => sum + word / 2 ** 32 - 0.5, 0) * Math.sqrt(3)
  })
}

/** Second moments of inputs that share a few directions. */
function correlated(columns: number): Float32Array {
  const hidden = 8
  const mix = normals(columns * hidden, 7)
  const own = normals(columns, 8)
  const hessian = new Float32Array(columns * columns)
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = i === j ? 0.05 * own[i] ** 2 : 0
      for (let h = 0; h < hidden; h++) sum += mix[i * hidden + h] * mix[j * hidden + h]
      hessian[i * columns + j] = sum
    }
  }
  return hessian
}

function identity(columns: number): Float32Array {
  return Float32Array.from({ length: columns * columns }, (_, i) => (i % (columns + 1) === 0 ? 1 : 0))
}

const types = Object.keys(grids) as (keyof typeof grids)[]
const orders = [true, false]

describe.each(types)('gptq to %s', (dtype) => {
  const [rows, columns] = [12, 320]
  const weights = normals(rows * columns, 1)
  const rounded = packRows(dtype as PackedDType, weights, columns)

  it.each(
    orders,
  )('rounds to the nearest when inputs are independent (activation order: %s)', async (activationOrder) => {
    expect(await gptq(weights, identity(columns), grids[dtype], engine, { activationOrder })).toEqual(rounded)
  })

  it.each(orders)('beats rounding to the nearest when inputs are correlated (%s)', async (activationOrder) => {
    const hessian = correlated(columns)
    const errorOf = (bytes: Uint8Array) =>
      outputError(difference(unpackRows(dtype, bytes, columns), weights), hessian, engine)
    const solved = await gptq(weights, hessian, grids[dtype], engine, { activationOrder })
    expect(solved.length).toBe(rounded.length)
    expect(await errorOf(solved)).toBeLessThan(0.5 * (await errorOf(rounded)))
  })
})

it('gives every row alone what it gives it among others', async () => {
  const columns = 256
  const weights = normals(6 * columns, 3)
  const hessian = correlated(columns)
  const all = await gptq(weights, hessian, grids.q4_0, engine)
  const one = await gptq(weights.slice(2 * columns, 3 * columns), hessian, grids.q4_0, engine)
  expect(one).toEqual(all.slice(2 * one.length, 3 * one.length))
})

it('rounds where inputs are all zeros, and refuses those that are not numbers', async () => {
  const weights = normals(64, 4)
  const none = new Float32Array(32 * 32)
  expect(await gptq(weights, none, grids.q4_0, engine)).toEqual(packRows('q4_0', weights, 32))
  await expect(gptq(weights, none.fill(NaN), grids.q4_0, engine)).rejects.toThrow(/mean square of NaN/)
})
