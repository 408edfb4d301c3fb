import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../base/index.ts'
import { openBackend } from '../../node/backend.ts'
import type { KernelCall } from '../contract.ts'
import { encode } from './encode.ts'
import { benchOn, uniform } from './testing.ts'

describe.each([
  ['native', 2],
  ['wasm', 2],
] as const)('engine, %s', (kind, threads) => {
  const opening = openBackend({ backend: kind, threads }).catch((error: Error) => error)
  beforeAll(() => opening, 900_000) // the first time it is built
  afterAll(async () => {
    const backend = await opening
    if (!(backend instanceof Error)) await backend.close()
  })
  const test = (name: string, body: (backend: Exclude<Awaited<typeof opening>, Error>) => Promise<void>) =>
    it(name, { timeout: 60_000 }, async (context) => {
      const backend = await opening
      if (backend instanceof Error) return context.skip(backend.message)
      await body(backend)
    })
  const product = (a: KernelCall['inputs'][0], b: KernelCall['inputs'][0], c: KernelCall['inputs'][0]): KernelCall => ({
    kernel: 'matmul',
    inputs: [a, b],
    outputs: [c],
    attributes: [0, 0, 0, 0],
  })

  test('new memory is zero, also when it was used before; copies go in and out', async (backend) => {
    const first = backend.allocate(1000)
    expect(await first.read(0, 1000)).toEqual(new Uint8Array(1000))
    first.write(3, Uint8Array.from([1, 2, 3]))
    expect(Array.from(await first.read(2, 5))).toEqual([0, 1, 2, 3, 0])
    const own = new Uint8Array(3)
    expect(await first.read(3, 3, own)).toBe(own)
    expect(Array.from(own)).toEqual([1, 2, 3])
    first.release()
    const second = backend.allocate(1000)
    expect(await second.read(0, 1000)).toEqual(new Uint8Array(1000))
    expect(() => second.write(999, new Uint8Array(2))).toThrow(/inside/)
    await expect(second.read(0, 1001)).rejects.toThrow(/inside/)
    second.release()
    expect(() => second.write(0, new Uint8Array(1))).toThrow(/released/)
  })

  test('calls run in order, and their times are told', async (backend) => {
    const bench = benchOn(backend)
    const a = bench.place([2, 2], [1, 1, 0, 1])
    const b = bench.place([2, 2], [1, 2, 3, 4])
    const c = bench.place([2, 2])
    const d = bench.place([2, 2])
    // c = a·b, d = a·c, c = a·d: only this order gives a³·b
    const program = backend.load([product(a, b, c), product(a, c, d), product(a, d, c)], [bench.segment])
    const timings = new Float64Array(3)
    await program.run(timings)
    expect(await bench.values(c)).toEqual([10, 14, 3, 4])
    expect(timings.every((time) => time > 0)).toBe(true)
    await expect(program.run(new Float64Array(2))).rejects.toThrow(/timings/)
    program.release()
  })

  test('runs queue up, and the event loop is free meanwhile', async (backend) => {
    const bench = benchOn(backend)
    const size = 384
    const a = bench.place([size, size], uniform(size * size, 1))
    const c = bench.place([size, size])
    const eye = bench.place([2, 2], [1, 0, 0, 1])
    const mark = bench.place([2, 2], [5, 6, 7, 8])
    const copy = bench.place([2, 2])
    const long = backend.load(
      Array.from({ length: 100 }, () => product(a, a, c)),
      [bench.segment],
    )
    const short = backend.load([product(eye, mark, copy)], [bench.segment])
    const order: string[] = []
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    const both = [long.run().then(() => order.push('long')), short.run().then(() => order.push('short'))]
    await both[0]
    clearInterval(timer)
    await both[1]
    expect(order).toEqual(['long', 'short'])
    expect(await bench.values(copy)).toEqual([5, 6, 7, 8])
    expect(ticks).toBeGreaterThan(5)
    await expect(
      Promise.resolve().then(() => {
        short.release()
        return short.run()
      }),
    ).rejects.toThrow(/released/)
    long.release()
  })

  test('a call that does not fit is refused with its reason', async (backend) => {
    const bench = benchOn(backend, 4096)
    const a = bench.place([4, 4])
    const load = (call: KernelCall) => () => backend.load([product(a, a, a), call], [bench.segment])
    expect(load({ ...product(a, a, a), kernel: 'dance' })).toThrow(/no kernel "dance"/)
    expect(load(product(a, { ...a, shape: [4, 400] }, a))).toThrow(/call 1 \(matmul\): .*past the end.*f32\[4, 400\]/)
    expect(load(product(a, { ...a, offset: 32 }, a))).toThrow(/multiple of 64/)
    expect(load(product(a, { ...a, offset: -64 }, a))).toThrow(/out of range/)
    expect(load(product(a, { ...a, segment: 1 }, a))).toThrow(/out of range/)
    expect(load(product(a, { ...a, shape: [1, 1, 1, 1, 1, 1, 1] }, a))).toThrow(/out of range/)
    expect(load(product(a, { ...a, shape: [2.5, 1] }, a))).toThrow(/out of range/)
    expect(load(product(a, { ...a, shape: [Number.NaN, 1] }, a))).toThrow(/out of range/)
    expect(load(product(a, { ...a, shape: [2 ** 40, 2 ** 40] }, a))).toThrow(/out of range/)
    expect(load(product(a, null, a))).toThrow(/absent/)
    expect(load({ ...product(a, a, a), attributes: [0, 0] })).toThrow(/attributes/)
    expect(load({ ...product(a, a, a), inputs: [a] })).toThrow(/inputs/)
    expect(load({ ...product(a, a, a), outputs: [] })).toThrow(/outputs/)
  })
})

describe('encode', () => {
  const y = { segment: 0, offset: 64, shape: [16], dtype: 'bf16' as const }

  it('writes what its example says', () => {
    const words = encode(
      [{ kernel: 'fill', inputs: [null], outputs: [y], attributes: [2, [7, 8]] }],
      ['elementwise', 'fill'],
    )
    expect(Array.from(words)).toEqual([1, 1, 1, 1, 4, -1, 0, 0, 0, 0, 64, 1, 1, 16, 2, 2, 7, 8])
  })

  it('refuses kernels that the build lacks', () => {
    expect(() => encode([{ kernel: '', inputs: [], outputs: [], attributes: [] }], [''])).toThrow(/no kernel/)
  })
})

describe('decoding', () => {
  it('refuses or survives any words', async (context) => {
    const { loadAddon } = await import('../../node/addon.ts')
    const { buildKernels } = await import('../../../scripts/build-kernels.ts')
    const { native } = await buildKernels({ wasm: false, quiet: true })
    if (typeof native !== 'string') return context.skip(native?.why)
    const addon = loadAddon(native)
    const engine = addon.open(1, '')
    const segment = addon.allocate(4096)
    const a = { segment: 0, offset: 0, shape: [4, 4], dtype: 'f32' as const }
    const names = addon.kernels(engine).map((name) => name.replaceAll('_', '-'))
    const call = { kernel: 'matmul', inputs: [a, a], outputs: [{ ...a, offset: 64 }], attributes: [0, 0, 0, 0] }
    const good = encode([call, call], names)
    addon.load(engine, good, [segment])
    const rng = random(1)
    const nasty = [
      -1,
      0,
      1,
      2,
      1e9,
      2 ** 53,
      1e300,
      -1e300,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]
    let refused = 0
    for (let round = 0; round < 20_000; round++) {
      const words = good.slice(0, rng.next() < 0.3 ? rng.integer(good.length) : good.length)
      for (let change = rng.integer(3); change >= 0; change--) {
        words[rng.integer(words.length)] = rng.next() < 0.5 ? nasty[rng.integer(nasty.length)] : rng.integer(40)
      }
      try {
        addon.load(engine, words, [segment])
      } catch (error) {
        expect((error as Error).message).toMatch(/^-?\d+: /)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(10_000)
    addon.close(engine)
    expect(() => addon.load(engine, good, [segment])).toThrow(/closed/)
  })
})
