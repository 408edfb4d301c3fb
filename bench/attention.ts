/**
 * How fast attention is, forward and backward, against what the machine can do.
 *
 *   node bench/attention.ts [--backend=native,wasm] [--isa=avx512,avx2] [--threads=1,2] [--only=tiny]
 *
 * Counted is the work that a causal mask leaves: 4·D FLOPs for each query and key it sees in the forward (q·k and p·v),
 * 10·D in the backward (both products again, and dq, dk, dv). `of peak` compares with the peak of f32, or of bf16 for
 * cases with precision 1 where the machine has products of bf16. Decoding is bound by reading keys and values: GB/s.
 */
import type { CpuBackend } from '../src/backend/cpu/index.ts'
import type { BufferRef, KernelCall } from '../src/backend/index.ts'
import { random, type Shape, sizeOf } from '../src/base/index.ts'
import { openBackend } from '../src/node/backend.ts'

interface Case {
  readonly title: string
  readonly B: number
  readonly T: number
  readonly S?: number
  readonly H: number
  readonly G?: number
  readonly D: number
  readonly causal?: 0 | 1
}

const cases: readonly Case[] = [
  { title: 'GPT-2 124M, T 256', B: 4, T: 256, H: 12, D: 64 },
  { title: 'GPT-2 124M, T 1024', B: 1, T: 1024, H: 12, D: 64 },
  { title: 'tiny', B: 32, T: 128, H: 4, D: 32 },
  { title: 'two heads', B: 1, T: 512, H: 2, D: 64 },
  { title: 'grouped, D 128', B: 1, T: 512, H: 8, G: 2, D: 128 },
  { title: 'not causal', B: 4, T: 256, H: 12, D: 64, causal: 0 },
]

const decoding: readonly Case[] = [
  { title: 'decode, S 1024', B: 1, T: 1, S: 1024, H: 12, D: 64 },
  { title: 'decode, 8 at once, grouped', B: 8, T: 1, S: 1024, H: 32, G: 8, D: 64 },
]

const rounds = 7

/** Nanoseconds of a forward and of a backward: the least of some rounds of the mean over a program of calls. */
async function measure(engine: CpuBackend, one: Case, precision: number): Promise<[number, number]> {
  const { B, T, S = T, H, G = H, D, causal = 1 } = one
  let offset = 0
  const place = (shape: Shape): BufferRef => {
    const ref: BufferRef = { segment: 0, offset, shape, dtype: 'f32' }
    offset += Math.ceil(sizeOf(shape) / 16) * 64
    return ref
  }
  const queries: Shape = [B, T, H, D]
  const keys: Shape = [B, S, G, D]
  const [q, k, v, dout] = [queries, keys, keys, queries].map(place)
  const [out, lse, dq, dk, dv] = [queries, [B, H, T], queries, keys, keys].map(place)
  const segment = engine.allocate(offset)
  const rng = random(1)
  for (const ref of [q, k, v, dout]) {
    const values = new Float32Array(sizeOf(ref.shape)).map(() => 2 * rng.next() - 1)
    segment.write(ref.offset, new Uint8Array(values.buffer))
  }
  const attributes = [causal, 1 / Math.sqrt(D), precision]
  async function time(call: KernelCall): Promise<number> {
    const repeats = Math.max(1, Math.min(100, Math.round(2e8 / (D * pairsSeen(one)))))
    const executable = engine.load(new Array<KernelCall>(repeats).fill(call), [segment])
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < rounds; round++) {
      const start = performance.now()
      await executable.run()
      best = Math.min(best, ((performance.now() - start) * 1e6) / repeats)
    }
    executable.release()
    return best
  }
  const forward = await time({ kernel: 'attention', inputs: [q, k, v], outputs: [out, lse], attributes })
  const inputs = [q, k, v, out, lse, dout]
  const backward = await time({ kernel: 'attention-backward', inputs, outputs: [dq, dk, dv], attributes })
  segment.release()
  return [forward, backward]
}

/** Pairs of a query and a key that it sees, over all heads. */
function pairsSeen({ B, T, S = T, H, causal = 1 }: Case): number {
  return B * H * (causal ? T * (S - T) + (T * (T + 1)) / 2 : T * S)
}

async function report(engine: CpuBackend, only: string): Promise<void> {
  const { f32, bf16, readGBs } = await engine.peaks()
  const peaks = `f32 ${f32.toFixed(0)} GFLOP/s, bf16 ${bf16.toFixed(0)} GFLOP/s, reading ${readGBs.toFixed(0)} GB/s`
  console.log(`\n${engine.name}, ${engine.threads} threads; peaks: ${peaks}`)
  const head = ['forward ms', 'GFLOP/s', 'of peak', 'backward ms', 'GFLOP/s', 'of peak']
  console.log(''.padEnd(30) + head.map((word) => word.padStart(12)).join(''))
  for (const one of cases) {
    if (!one.title.includes(only)) continue
    for (const precision of [0, 1]) {
      const flops = 4 * one.D * pairsSeen(one)
      const peak = precision === 1 && bf16 > 0 ? bf16 : f32
      const times = await measure(engine, one, precision)
      const cells = times.flatMap((ns, i) => {
        const rate = ((i === 0 ? 1 : 2.5) * flops) / ns
        return [(ns / 1e6).toFixed(3), rate.toFixed(1), `${Math.round((100 * rate) / peak)} %`]
      })
      console.log(
        `${one.title}${precision ? ', bf16' : ''}`.padEnd(30) + cells.map((cell) => cell.padStart(12)).join(''),
      )
    }
  }
  for (const one of decoding) {
    if (!one.title.includes(only)) continue
    const [ns] = await measure(engine, one, 0)
    const { B, S = 0, H, G = H, D } = one
    const rate = `${((2 * 4 * B * S * G * D) / ns).toFixed(1)} GB/s`
    console.log(one.title.padEnd(30) + (ns / 1e6).toFixed(3).padStart(12) + rate.padStart(12))
  }
}

const option = (name: string, fallback: string) =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback

for (const backend of option('backend', 'native').split(',') as ('native' | 'wasm')[]) {
  for (const isa of option('isa', '').split(',')) {
    for (const threads of option('threads', '1,2').split(',').map(Number)) {
      const engine = await openBackend({ backend, isa, threads })
      await report(engine, option('only', ''))
      await engine.close()
    }
  }
}
