import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { byteLength, random } from '../../base/index.ts'
import { type BackendOptions, openBackend } from '../../node/backend.ts'
import { type CacheDType, PAGE, pageShapes } from '../../tensor/index.ts'
import type { Backend, BufferRef } from '../contract.ts'
import { f64View, kernels } from '../reference/index.ts'
import { benchOn, uniform } from './testing.ts'

interface Sizes {
  readonly H: number
  readonly G: number
  readonly D: number
  readonly cache: CacheDType
}

/** Queries, keys and values of a whole text: [T, H, D], [T, G, D], [T, G, D]. */
interface Text {
  readonly q: Float32Array
  readonly k: Float32Array
  readonly v: Float32Array
}

function textOf({ H, G, D }: Sizes, tokens: number, seed: number): Text {
  const numbers = (width: number, i: number) => uniform(tokens * width, 10 * seed + i).map((x) => 3 * x)
  return { q: numbers(H * D, 0), k: numbers(G * D, 1), v: numbers(G * D, 2) }
}

/** A step: how many tokens of each text are new. */
type Step = readonly number[]

/**
 * Reads texts over a fresh cache, as many new tokens of each at each step as `steps` says.
 *
 * @returns for each text what every token got, its logarithms, and then the cache of the text, token by token
 */
async function read(backend: Backend, sizes: Sizes, texts: readonly Text[], steps: readonly Step[], shuffle = 1) {
  const { H, G, D, cache } = sizes
  const lengthOf = (text: Text) => text.q.length / (H * D)
  const M = Math.max(...texts.map((text) => Math.ceil(lengthOf(text) / PAGE)))
  const P = texts.length * M + 1
  const table = Array.from({ length: texts.length * M }, (_, i) => (i * shuffle) % P)
  const bench = benchOn(backend, 1 << 25)
  const shapes = pageShapes(cache, P, G, D)
  const [keys, values] = [shapes.keys, shapes.values].map(({ shape, dtype }) => bench.place(shape, undefined, dtype))
  const scales = shapes.scales ? bench.place(shapes.scales.shape) : null
  // What pages held before must not matter: all bits are set, which is NaN in floats.
  for (const ref of [keys, values, scales])
    if (ref) bench.segment.write(ref.offset, new Uint8Array(byteLength(ref.dtype, ref.shape)).fill(255))
  const pages = bench.place([texts.length, M], table, 'i32')
  const done = texts.map(() => 0)
  const got = texts.map((): { out: number[]; lse: number[] } => ({ out: [], lse: [] }))
  const calls = []
  const outputs = []
  for (const step of steps) {
    const starts = [0]
    for (const count of step) starts.push(starts[starts.length - 1] + count)
    const rows = starts[texts.length] + 2 // two of padding
    const part = (name: 'q' | 'k' | 'v', width: number) => {
      const numbers = new Float32Array(rows * width).fill(Number.NaN)
      texts.forEach((text, i) => {
        numbers.set(text[name].subarray(done[i] * width, (done[i] + step[i]) * width), starts[i] * width)
      })
      return bench.place([rows, name === 'q' ? H : G, D], numbers)
    }
    const operands = [part('q', H * D), part('k', G * D), part('v', G * D)]
    step.forEach((count, i) => {
      done[i] += count
    })
    const places = [bench.place([starts.length], starts, 'i32'), bench.place([texts.length], done, 'i32')]
    const [out, lse] = [bench.place([rows, H, D]), bench.place([rows, H])]
    calls.push({
      kernel: 'paged-attention',
      inputs: [...operands, keys, values, ...places, pages, ...(scales ? [scales] : [])],
      outputs: [out, keys, values, scales, lse],
      attributes: [1 / Math.sqrt(D)],
    })
    outputs.push({ out, lse, starts })
  }
  await bench.run(...calls)
  for (const { out, lse, starts } of outputs) {
    const [all, totals] = [await bench.values(out), await bench.values(lse)]
    texts.forEach((_, i) => {
      got[i].out.push(...all.slice(starts[i] * H * D, starts[i + 1] * H * D))
      got[i].lse.push(...totals.slice(starts[i] * H, starts[i + 1] * H))
    })
    expect(all.slice(starts[texts.length] * H * D)).toEqual(Array(2 * H * D).fill(0))
  }
  bench.segment.release()
  return got
}

/** Steps of one text: pieces of the given sizes again and again. */
function pieces(tokens: number, ...sizes: number[]): Step[] {
  const steps: Step[] = []
  for (let left = tokens, i = 0; left > 0; i++) {
    const size = Math.min(left, sizes[i % sizes.length])
    steps.push([size])
    left -= size
  }
  return steps
}

/** Where two lists of numbers part, bit by bit. */
function firstDifference(a: readonly number[], b: readonly number[]): number {
  return a.length === b.length ? a.findIndex((x, i) => !Object.is(x, b[i])) : Math.min(a.length, b.length)
}

const engines: readonly [string, BackendOptions][] = [
  ['native', { backend: 'native' }],
  ['native avx512', { backend: 'native', isa: 'avx512' }],
  ['native avx2', { backend: 'native', isa: 'avx2' }],
  ['native sse2', { backend: 'native', isa: 'sse2' }],
  ['wasm relaxed', { backend: 'wasm', isa: 'relaxed' }],
  ['wasm simd', { backend: 'wasm', isa: 'simd' }],
]
const TOKENS = 290 // three spans of keys, the last of them short

describe.each(engines)('paged attention, %s', (title, options) => {
  const opening = Promise.all([1, 3].map((threads) => openBackend({ ...options, threads }))).catch(
    (error: Error) => error,
  )
  beforeAll(() => opening, 900_000) // the first time it is built
  afterAll(async () => {
    const backends = await opening
    if (!(backends instanceof Error)) await Promise.all(backends.map((backend) => backend.close()))
  })
  const test = (name: string, body: (one: Backend, three: Backend) => Promise<void>) =>
    it(name, { timeout: 120_000 }, async (context) => {
      const backends = await opening
      if (backends instanceof Error) {
        console.warn(`NOT CHECKED: ${title}: ${backends.message}`)
        return context.skip(backends.message)
      }
      await body(backends[0], backends[1])
    })

  const shapes = [
    { H: 2, G: 2, D: 64 },
    { H: 6, G: 2, D: 32 },
    { H: 3, G: 1, D: 20 },
  ]
  for (const shape of shapes)
    for (const cache of ['f32', 'bf16', 'int8', 'int4'] as const) {
      const sizes = { ...shape, cache }
      test(`a token gets the same bits however it comes: ${JSON.stringify(sizes)}`, async (one, three) => {
        const text = textOf(sizes, TOKENS, 1)
        const [whole] = await read(one, sizes, [text], [[TOKENS]])
        expect(whole.out.every(Number.isFinite)).toBe(true)
        const check = (name: string, [other]: { out: number[]; lse: number[] }[]) => {
          const at = firstDifference(whole.out, other.out)
          expect(
            at,
            `${name}: ${whole.out[at]} and ${other.out[at]}, of token ${Math.floor(at / (sizes.H * sizes.D))}`,
          ).toBe(-1)
          expect(firstDifference(whole.lse, other.lse), `${name}, lse`).toBe(-1)
        }
        check('three threads', await read(three, sizes, [text], [[TOKENS]]))
        for (const size of [1, 3, 16, 64])
          check(`pieces of ${size}`, await read(size === 16 ? three : one, sizes, [text], pieces(TOKENS, size)))
        check('pieces of all sizes', await read(three, sizes, [text], pieces(TOKENS, 1, 3, 16, 64, 2, 5, 40)))
        const others = [textOf(sizes, 150, 2), textOf(sizes, 200, 3)]
        const together = [
          [100, 1, 0],
          [1, 99, 140],
          [187, 20, 3],
          [1, 30, 57],
          [1, 0, 0],
        ]
        check('among others', await read(one, sizes, [text, ...others], together, 5))
        check('among others, three threads', await read(three, sizes, [text, ...others], together, 7))
      })
    }

  test('agrees with dense attention', async (_one, three) => {
    const sizes = { H: 4, G: 2, D: 64, cache: 'f32' } as const
    const { H, G, D } = sizes
    const text = textOf(sizes, TOKENS, 4)
    const [{ out, lse }] = await read(three, sizes, [text], pieces(TOKENS, 200, 1, 7))
    const [dense, logTotals] = [f64View([1, TOKENS, H, D]), f64View([1, H, TOKENS])]
    const inputs = [f64View([1, TOKENS, H, D], text.q), ...[text.k, text.v].map((x) => f64View([1, TOKENS, G, D], x))]
    kernels.get('attention')!(inputs, [dense, logTotals], [1, 1 / Math.sqrt(D), 0])
    const worst = Math.max(...out.map((x, i) => Math.abs(x - dense.elements[i])))
    const worstLse = Math.max(
      ...lse.map((x, i) => Math.abs(x - logTotals.elements[(i % H) * TOKENS + Math.floor(i / H)])),
    )
    expect(worst).toBeLessThan(1e-5)
    expect(worstLse).toBeLessThan(1e-5)
  })

  test('whatever the integers say, nothing outside its results is written', async (one, three) => {
    const rng = random(5)
    const nasty = [-(2 ** 31), 2 ** 31 - 1, -1, 0, 1, 15, 16, 17, 40, 1000]
    const anyOf = (count: number, most: number) =>
      Array.from({ length: count }, () => (rng.next() < 0.3 ? nasty[rng.integer(nasty.length)] : rng.integer(most)))
    for (let round = 0; round < 60; round++) {
      const bench = benchOn(round % 2 ? one : three, 1 << 22)
      const guards: BufferRef[] = []
      const guarded = (ref: BufferRef) => {
        guards.push(bench.place([64], new Float32Array(64).fill(1.5)))
        return ref
      }
      const [N, B, M, P, H, G, D] = [1 + rng.integer(40), 1 + rng.integer(3), 1 + rng.integer(4), 3, 4, 2, 16]
      guarded(bench.place([1]))
      const { keys, values, scales } = pageShapes(round % 3 ? 'f32' : 'int4', P, G, D)
      const places = [keys, values, scales].map(
        (spec) => spec && guarded(bench.place(spec.shape, undefined, spec.dtype)),
      )
      const [q, k, v] = [H, G, G].map((heads) => bench.place([N, heads, D], uniform(N * heads * D, round)))
      const integers = [
        bench.place([B + 1], round % 2 ? anyOf(B + 1, N) : anyOf(B + 1, N).sort((a, b) => a - b), 'i32'),
        bench.place([B], anyOf(B, 16 * M), 'i32'),
        bench.place([B, M], anyOf(B * M, P), 'i32'),
      ]
      const out = guarded(bench.place([N, H, D]))
      const lse = guarded(bench.place([N, H]))
      await bench.run({
        kernel: 'paged-attention',
        inputs: [q, k, v, places[0]!, places[1]!, ...integers, places[2] ?? null],
        outputs: [out, places[0]!, places[1]!, places[2] ?? null, lse],
        attributes: [0.25],
      })
      for (const guard of guards) expect(new Set(await bench.values(guard))).toEqual(new Set([1.5]))
      bench.segment.release()
    }
  })
})
