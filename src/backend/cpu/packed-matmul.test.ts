import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PackedDType, packings } from '../../base/index.ts'
import { type BackendOptions, openBackend } from '../../node/backend.ts'
import { packRows, toPanels } from '../../packing/index.ts'
import type { Backend } from '../contract.ts'
import { type Bench, benchOn, uniform } from './testing.ts'

// What serving relies on: a row's result is the same bits however many rows there are beside it, wherever it stands among
// them, and whatever tile, task or way (in place, unpacked) it falls into.

const engines: readonly BackendOptions[] = [
  { backend: 'native' },
  { backend: 'native', isa: 'avx512' },
  { backend: 'native', isa: 'avx2' },
  { backend: 'native', isa: 'sse2' },
  { backend: 'wasm', isa: 'relaxed' },
  { backend: 'wasm', isa: 'simd' },
]

const MOST = 97
const K = 512
const N = 83

describe.each(engines)('packed-matmul, $backend $isa', (options) => {
  let backend: Backend | undefined
  let bench: Bench

  beforeAll(async () => {
    try {
      backend = await openBackend({ ...options, threads: 2 })
      bench = benchOn(backend, 1 << 23)
    } catch (error) {
      console.warn(`NOT CHECKED: packed-matmul on ${JSON.stringify(options)}: ${(error as Error).message}`)
    }
  }, 300_000)
  afterAll(() => backend?.close())

  it.for(Object.keys(packings) as PackedDType[])('%s: a row does not depend on the others', async (dtype, { skip }) => {
    if (backend === undefined) return skip('this machine lacks it')
    const x = uniform(MOST * K, 1)
    const bytes = toPanels(dtype, packRows(dtype, uniform(N * K, 2), K), [N, K])
    const w = bench.place([N, K], bytes, dtype)
    const multiply = async (rows: Float32Array) => {
      const M = rows.length / K
      const c = bench.place([M, N])
      const inputs = [bench.place([M, K], rows), w]
      await bench.run({ kernel: 'packed-matmul', inputs, outputs: [c], attributes: [0] })
      return bench.values(c)
    }
    const all = await multiply(x)
    expect(new Set(all).size).toBeGreaterThan(MOST * N * 0.9)
    for (const [from, M] of [
      [0, 1],
      [5, 1],
      [7, 2],
      [90, 3],
      [4, 5],
      [8, 8],
      [60, 9],
      [1, 32],
      [3, 33],
      [20, 70],
    ]) {
      const part = await multiply(x.slice(from * K, (from + M) * K))
      expect(part, `rows ${from} to ${from + M} alone`).toEqual(all.slice(from * N, (from + M) * N))
    }
  })
})
