import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DType } from '../../base/index.ts'
import { fromBf16Bits, sizeOf, toBf16Bits } from '../../base/index.ts'
import { openBackend } from '../../node/backend.ts'
import type { BufferRef } from '../contract.ts'
import { benchOn, uniform } from './testing.ts'

interface Case {
  readonly batch?: readonly number[]
  readonly M: number
  readonly N: number
  readonly K: number
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  readonly dtype?: DType
  readonly precision?: number
  readonly bias?: boolean
  readonly pre?: boolean
  readonly activation?: number
  readonly residual?: boolean
}

const rounded = (x: number) => fromBf16Bits(toBf16Bits(x))
const tanhGelu = (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
const activations = [(x: number) => x, (x: number) => Math.max(0, x), tanhGelu, (x: number) => x / (1 + Math.exp(-x))]
const epsilon = 2 ** -24

/**
 * Plain loops in f64, and how far f32 may be from them: K products and sums, each wrong by at most half an ulp of the
 * sum of sizes (Higham 2002, §3.1: γ_K Σ|a·b|), then a few operations more in the epilogue; gelu and silu are wrong by
 * at most 4 ulp and have slopes below 1.13.
 */
function expectation(
  c: Case,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  bias: ArrayLike<number>,
  residual: ArrayLike<number>,
) {
  const batches = sizeOf(c.batch ?? [])
  const { M, N, K } = c
  const round = (c.precision && c.dtype !== 'f16') || c.dtype === 'bf16' ? rounded : (x: number) => x
  const x = Float64Array.from(a, round)
  const y = Float64Array.from(b, c.dtype === 'f16' ? Math.f16round : round)
  const c64 = new Float64Array(batches * M * N)
  const pre = new Float64Array(batches * M * N)
  const bound = new Float64Array(batches * M * N)
  for (let i = 0; i < batches; i++) {
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < N; n++) {
        let sum = 0
        let size = 0
        for (let k = 0; k < K; k++) {
          const product =
            x[i * M * K + (c.transposeA ? k * M + m : m * K + k)] *
            y[i * K * N + (c.transposeB ? n * K + k : k * N + n)]
          sum += product
          size += Math.abs(product)
        }
        const at = (i * M + m) * N + n
        if (c.bias) sum += bias[n]
        pre[at] = sum
        c64[at] = activations[c.activation ?? 0](sum) + (c.residual ? residual[at] : 0)
        const sizes = size + (c.bias ? Math.abs(bias[n]) : 0) + (c.residual ? Math.abs(residual[at]) : 0)
        bound[at] = 1.13 * (K + 2 + 10) * epsilon * (sizes + Math.abs(c64[at])) + Number.MIN_VALUE
      }
    }
  }
  return { c: c64, pre, bound }
}

async function worstRatio(backend: Awaited<ReturnType<typeof openBackend>>, c: Case): Promise<number> {
  const bench = benchOn(backend, 1 << 23)
  const { M, N, K, dtype = 'f32' } = c
  const batch = c.batch ?? []
  const count = sizeOf(batch)
  const values = {
    a: uniform(count * M * K, 1),
    b: uniform(count * K * N, 2),
    bias: uniform(N, 3),
    residual: uniform(count * M * N, 4),
  }
  const aType = dtype === 'f16' ? 'f32' : dtype
  const a = bench.place([...batch, ...(c.transposeA ? [K, M] : [M, K])], values.a, aType)
  const b = bench.place([...batch, ...(c.transposeB ? [N, K] : [K, N])], values.b, dtype)
  const bias = c.bias ? bench.place([N], values.bias) : null
  const residual: BufferRef | null = c.residual ? bench.place([...batch, M, N], values.residual) : null
  const pre = c.pre ? bench.place([...batch, M, N]) : null
  const out = residual ?? bench.place([...batch, M, N]) // a residual is always updated in place here
  const guard = bench.place([16], new Float32Array(16).fill(42))
  const attributes = [Number(c.transposeA ?? 0), Number(c.transposeB ?? 0), c.activation ?? 0, c.precision ?? 0]
  await bench.run({ kernel: 'matmul', inputs: [a, b, bias, residual], outputs: [out, pre], attributes })
  const expected = expectation(c, values.a, values.b, values.bias, values.residual)
  const got = await bench.values(out)
  let worst = 0
  got.forEach((value, i) => {
    const ratio = Math.abs(value - expected.c[i]) / expected.bound[i]
    if (!(ratio <= worst)) worst = ratio
  })
  const gotPre = pre ? await bench.values(pre) : []
  gotPre.forEach((value, i) => {
    const ratio = Math.abs(value - expected.pre[i]) / expected.bound[i]
    if (!(ratio <= worst)) worst = ratio
  })
  expect(await bench.values(guard)).toEqual(Array(16).fill(42))
  bench.segment.release()
  return worst
}

const sizes = [1, 3, 7, 17, 65, 129]
const cases: Case[] = []
for (const M of sizes) {
  for (const [i, N] of sizes.entries()) {
    const K = sizes[(i + M) % sizes.length]
    cases.push({ M, N, K, transposeA: M % 4 === 3, transposeB: i % 2 === 1, precision: (i + M) % 2 })
  }
}
for (const transposeA of [false, true]) {
  for (const transposeB of [false, true]) {
    for (const precision of [0, 1]) {
      cases.push({ M: 33, N: 70, K: 45, transposeA, transposeB, precision })
      cases.push({ M: 5, N: 70, K: 45, transposeA, transposeB, precision })
      cases.push({ M: 33, N: 70, K: 45, transposeA, transposeB, precision, dtype: 'bf16' })
      cases.push({ M: 2, N: 200, K: 45, transposeA, transposeB, precision, dtype: 'bf16' })
      for (const M of [1, 8, 11, 40]) cases.push({ M, N: 70, K: 301, transposeA, transposeB, precision, dtype: 'f16' })
      cases.push({ M: 40, N: 24, K: 2100, transposeA, transposeB, precision, bias: true, activation: 1 })
      cases.push({ batch: [2, 3], M: 17, N: 9, K: 20, transposeA, transposeB, precision })
    }
  }
}
for (const activation of [0, 1, 2, 3]) {
  for (const M of [4, 29]) {
    cases.push({ M, N: 50, K: 31, bias: true, pre: true, activation, residual: true })
    cases.push({ M, N: 50, K: 2100, bias: true, activation, residual: true, transposeB: true, precision: 1 })
    cases.push({ batch: [5], M, N: 50, K: 31, bias: true, pre: true, activation, residual: true })
  }
}
cases.push({ M: 2, N: 50257, K: 8, transposeB: true })
cases.push({ M: 12, N: 50257, K: 3, transposeB: true, precision: 1 })
cases.push({ M: 4, N: 4, K: 0 })
cases.push({ M: 20, N: 20, K: 0, bias: true })

const native = [
  ['native', ''],
  ['native', 'avx2'],
  ['native', 'sse2'],
  ['wasm', 'relaxed'],
  ['wasm', 'simd'],
  ['wasm', 'single'],
] as const

describe.each(native)('matmul, %s %s', (kind, isa) => {
  const opening = openBackend({ backend: kind, isa, threads: 2 }).catch((error: Error) => error)
  beforeAll(() => opening, 900_000) // the first time it is built
  afterAll(async () => {
    const backend = await opening
    if (!(backend instanceof Error)) await backend.close()
  })

  it('is within the error bound of plain loops, for all forms', { timeout: 120_000 }, async (context) => {
    const backend = await opening
    if (backend instanceof Error) return context.skip(backend.message)
    for (const one of cases) expect(await worstRatio(backend, one), JSON.stringify(one)).toBeLessThanOrEqual(1)
  })
})

describe('matmul on threads', () => {
  it('gives the same bits on one thread and on three', async () => {
    const results: number[][] = []
    for (const threads of [1, 3]) {
      const backend = await openBackend({ threads })
      const bench = benchOn(backend)
      const a = bench.place([150, 1300], uniform(150 * 1300, 1))
      const b = bench.place([1300, 90], uniform(1300 * 90, 2))
      const all: number[] = []
      for (const precision of [0, 1]) {
        const c = bench.place([150, 90])
        await bench.run({
          kernel: 'matmul',
          inputs: [a, b, null, null],
          outputs: [c, null],
          attributes: [0, 0, 2, precision],
        })
        all.push(...(await bench.values(c)))
      }
      results.push(all)
      await backend.close()
    }
    expect(results[1]).toEqual(results[0])
  })
})

describe.each(native)('rows of a product, %s %s', (kind, isa) => {
  it('are the same bits whatever other rows there are', { timeout: 900_000 }, async (context) => {
    const backend = await openBackend({ backend: kind, isa, threads: 2 }).catch((error: Error) => error)
    if (backend instanceof Error) return context.skip(backend.message)
    const [M, N] = [70, 70]
    for (const K of [1, 45, 301]) {
      for (const [dtype, precision] of [
        ['f32', 0],
        ['f32', 1],
        ['bf16', 0],
        ['bf16', 1],
        ['f16', 0],
      ] as const) {
        for (const transposeB of [0, 1]) {
          const bench = benchOn(backend, 1 << 20)
          const x = uniform(M * K, 1)
          const b = bench.place(transposeB ? [N, K] : [K, N], uniform(N * K, 2), dtype)
          const bias = bench.place([N], uniform(N, 3))
          const c = bench.place([M, N])
          const product = async (from: number, rows: number) => {
            const a = bench.place([rows, K], x.subarray(from * K, (from + rows) * K))
            const inputs = [a, b, bias, null]
            const outputs = [{ ...c, shape: [rows, N] }, null]
            await bench.run({ kernel: 'matmul', inputs, outputs, attributes: [0, transposeB, 2, precision] })
            return bench.values(outputs[0]!)
          }
          const all = await product(0, M)
          for (const [from, rows] of [
            [0, 1],
            [3, 1],
            [69, 1],
            [1, 2],
            [4, 7],
            [5, 8],
            [6, 9],
            [2, 13],
            [7, 32],
            [3, 33],
          ]) {
            const some = await product(from, rows)
            expect(some, `${dtype} ${precision} K ${K} transposeB ${transposeB} rows ${rows}`).toEqual(
              all.slice(from * N, (from + rows) * N),
            )
          }
          bench.segment.release()
        }
      }
    }
    await backend.close()
  })
})
