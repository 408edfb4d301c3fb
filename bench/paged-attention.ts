import type { CpuBackend } from '../src/backend/cpu/index.ts'
import type { BufferRef, Executable, KernelCall } from '../src/backend/index.ts'
import { byteLength, type DType, random, type Shape, sizeOf } from '../src/base/index.ts'
import { type CacheDType, PAGE, pageShapes } from '../src/tensor/index.ts'
import type { Bench } from './runner/contract.ts'
import { interleave } from './runner/interleave.ts'
import { compare, figure } from './runner/statistics.ts'

// Decoding is bound by reading the cache: GB/s of keys, values and factors that a step must read, as a part of what reading
// memory reaches in the same run. `cold` goes through so many caches, as layers do, that none of it is in a cache of the
// machine; `hot` reads the same one again and again. Reading a prompt is bound by arithmetic: 4·D FLOPs for each query and
// key it sees, as a part of the peak of f32.

interface Shapes {
  readonly title: string
  /** Tokens before and new ones, of each text. */
  readonly texts: readonly (readonly [before: number, fresh: number])[]
  readonly H: number
  readonly G?: number
  readonly D: number
}

const repeated = (count: number, before: number, fresh: number) =>
  new Array<readonly [number, number]>(count).fill([before, fresh])

const decoding: readonly Shapes[] = [
  { title: 'GPT-2 124M, 512 tokens', texts: repeated(1, 511, 1), H: 12, D: 64 },
  { title: 'GPT-2 124M, 8 texts of 512', texts: repeated(8, 511, 1), H: 12, D: 64 },
  { title: '32 heads, 8 groups of 128, 2048 tokens', texts: repeated(1, 2047, 1), H: 32, G: 8, D: 128 },
  { title: '32 heads, 8 groups of 64, 8 texts of 1024', texts: repeated(8, 1023, 1), H: 32, G: 8, D: 64 },
]

const reading: readonly Shapes[] = [
  { title: 'prompt of 512, D 64', texts: repeated(1, 0, 512), H: 12, D: 64 },
  { title: 'prompt of 512, D 64, H/G 4', texts: repeated(1, 0, 512), H: 12, G: 3, D: 64 },
  { title: 'prompt of 512, D 128', texts: repeated(1, 0, 512), H: 8, D: 128 },
  { title: 'prompt of 512, D 128, H/G 4', texts: repeated(1, 0, 512), H: 8, G: 2, D: 128 },
  { title: '64 after 1984, D 128, H/G 4', texts: repeated(1, 1984, 64), H: 8, G: 2, D: 128 },
]

const caches: readonly CacheDType[] = ['f32', 'bf16', 'int8', 'int4']
/** More than any cache of a machine holds. */
const COLD_BYTES = 200e6

const bench: Bench = {
  title:
    'Attention over a cache of pages: decoding in GB/s, reading prompts in GFLOP/s, and % of what the machine can do.',
  async *cases({ backend, machine, quick, wants }) {
    const rounds = quick ? 5 : 15
    for (const one of decoding.filter(({ title }) => wants(title))) {
      for (const cache of caches) {
        const bytes = bytesRead(one, cache)
        const cold = prepare(backend, one, cache, Math.ceil(COLD_BYTES / bytes))
        const hot = prepare(backend, one, cache, 1)
        const samples = await interleave({ cold: cold.sample, hot: hot.sample }, { rounds })
        for (const { release } of [cold, hot]) release()
        for (const [name, seconds] of Object.entries(samples)) {
          const rates = seconds.map((each) => bytes / each / 1e9)
          const ours = figure(rates, 'GB/s', machine.readGBs)
          const target = name === 'cold' && cache !== 'int4' ? { target: 'percentOfPeak >= 70' } : {}
          const note = `${(1e6 * Math.min(...seconds)).toFixed(1)} µs a call at best`
          yield compare({ case: `decode, ${one.title}, ${cache}, ${name}`, ours, ...target, note, detail: true })
        }
      }
    }
    for (const one of reading.filter(({ title }) => wants(title))) {
      for (const cache of caches) {
        const { sample, release } = prepare(backend, one, cache, 1)
        const { seconds } = await interleave({ seconds: sample }, { rounds })
        release()
        const flops = one.texts.reduce(
          (sum, [before, n]) => sum + 4 * one.D * one.H * (n * before + (n * (n + 1)) / 2),
          0,
        )
        const ours = figure(
          seconds.map((each) => flops / each / 1e9),
          'GFLOP/s',
          machine.peak.f32,
        )
        yield compare({ case: `${one.title}, ${cache}`, ours, target: 'percentOfPeak >= 50', detail: true })
      }
    }
  },
}
export default bench

const bytesOf = (shapes: ReturnType<typeof pageShapes>) =>
  Object.values(shapes).reduce((sum, spec) => sum + (spec ? byteLength(spec.dtype, spec.shape) : 0), 0)

/** Bytes of the cache that a step reads. */
function bytesRead({ texts, H, G = H, D }: Shapes, cache: CacheDType): number {
  const pages = texts.reduce((sum, [before, fresh]) => sum + Math.ceil((before + fresh) / PAGE), 0)
  return bytesOf(pageShapes(cache, pages, G, D))
}

/** A program of many calls, over `layers` caches in turn; a sample is the seconds of one call. */
function prepare(engine: CpuBackend, { texts, H, G = H, D }: Shapes, cache: CacheDType, layers: number) {
  const N = texts.reduce((sum, [, fresh]) => sum + fresh, 0)
  const counts = texts.map(([before, fresh]) => Math.ceil((before + fresh) / PAGE))
  const M = Math.max(...counts)
  const P = counts.reduce((a, b) => a + b, 0)
  let offset = 0
  const place = (shape: Shape, dtype: DType = 'f32'): BufferRef => {
    const ref: BufferRef = { segment: 0, offset, shape, dtype }
    offset += Math.ceil(byteLength(dtype, shape) / 64) * 64
    return ref
  }
  const [q, k, v, out] = [H, G, G, H].map((heads) => place([N, heads, D]))
  const integers = [[texts.length + 1], [texts.length], [texts.length, M]].map((shape) => place(shape, 'i32'))
  const { keys, values, scales } = pageShapes(cache, P, G, D)
  const kept = Array.from({ length: layers }, () =>
    [keys, values, ...(scales ? [scales] : [])].map(({ shape, dtype }) => place(shape, dtype)),
  )
  const segment = engine.allocate(offset)
  const rng = random(1)
  const starts = [0]
  for (const [, fresh] of texts) starts.push(starts[starts.length - 1] + fresh)
  const lengths = texts.map(([before, fresh]) => before + fresh)
  // Pages of all texts in turn, as texts that grow together get them.
  const table = new Int32Array(texts.length * M)
  let next = 0
  for (let i = 0; i < M; i++) for (const [b, count] of counts.entries()) if (i < count) table[b * M + i] = next++
  for (const [i, numbers] of [starts, lengths, table].entries())
    segment.write(integers[i].offset, new Uint8Array(Int32Array.from(numbers).buffer))
  for (const ref of [q, k, v])
    segment.write(
      ref.offset,
      new Uint8Array(Float32Array.from({ length: sizeOf(ref.shape) }, () => 2 * rng.next() - 1).buffer),
    )
  // Any bytes will do that are no special floats: 0x3d3d3d3d is 0.046.
  const filler = new Uint8Array(1 << 20).fill(0x3d)
  for (const ref of kept.flat())
    for (let at = 0, size = byteLength(ref.dtype, ref.shape); at < size; at += filler.length)
      segment.write(ref.offset + at, filler.subarray(0, Math.min(filler.length, size - at)))
  const calls = kept.map(
    ([keys, values, scales]): KernelCall => ({
      kernel: 'paged-attention',
      inputs: [q, k, v, keys, values, ...integers, ...(scales ? [scales] : [])],
      outputs: [out, keys, values, ...(scales ? [scales] : [])],
      attributes: [1 / Math.sqrt(D)],
    }),
  )
  const repeats = layers > 1 ? 1 : N > texts.length ? 4 : 50
  const program: Executable = engine.load(new Array<KernelCall[]>(repeats).fill(calls).flat(), [segment])
  return {
    async sample() {
      const start = performance.now()
      await program.run()
      return (performance.now() - start) / 1000 / repeats / layers
    },
    release() {
      program.release()
      segment.release()
    },
  }
}
