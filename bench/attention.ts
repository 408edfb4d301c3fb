import type { CpuBackend } from '../src/backend/cpu/index.ts'
import type { BufferRef, Executable, KernelCall } from '../src/backend/index.ts'
import { type DType, random, type Shape, sizeOf } from '../src/base/index.ts'
import type { Bench } from './runner/contract.ts'
import { interleave } from './runner/interleave.ts'
import { compare, figure } from './runner/statistics.ts'

// Counted is the work that the mask leaves: 4·D FLOPs for each query and key it sees in the forward (q·k and p·v),
// 10·D in the backward (both products again, and dq, dk, dv). % of peak compares with the peak of f32, or of bf16 for cases
// of bf16 where the machine has products of it. Decoding is bound by reading keys and values: GB/s.

interface Shapes {
  readonly title: string
  readonly B: number
  readonly T: number
  readonly S?: number
  readonly H: number
  readonly G?: number
  readonly D: number
  readonly causal?: 0 | 1
  /** Documents of this many tokens, one after another in each row. */
  readonly documents?: number
}

const cases: readonly Shapes[] = [
  { title: 'GPT-2 124M, T 256', B: 4, T: 256, H: 12, D: 64 },
  { title: 'GPT-2 124M, T 1024', B: 1, T: 1024, H: 12, D: 64 },
  { title: 'GPT-2 124M, T 1024, one document', B: 1, T: 1024, H: 12, D: 64, documents: 1024 },
  { title: 'GPT-2 124M, T 1024, 8 documents', B: 1, T: 1024, H: 12, D: 64, documents: 128 },
  { title: 'GPT-2 124M, T 1024, 61 documents', B: 1, T: 1024, H: 12, D: 64, documents: 17 },
  { title: 'tiny', B: 32, T: 128, H: 4, D: 32 },
  { title: 'two heads', B: 1, T: 512, H: 2, D: 64 },
  { title: 'grouped, D 128', B: 1, T: 512, H: 8, G: 2, D: 128 },
  { title: 'not causal', B: 4, T: 256, H: 12, D: 64, causal: 0 },
]

const decoding: readonly Shapes[] = [
  { title: 'decode, S 1024', B: 1, T: 1, S: 1024, H: 12, D: 64 },
  { title: 'decode, 8 at once, grouped', B: 8, T: 1, S: 1024, H: 32, G: 8, D: 64 },
]

const bench: Bench = {
  title: 'Attention forward and backward, and decoding: GFLOP/s and GB/s, and % of what the machine can do.',
  async *cases({ backend, machine, quick, wants }) {
    const { f32, bf16 } = machine.peak
    const rounds = quick ? 5 : 15
    for (const one of cases.filter(({ title }) => wants(title))) {
      for (const precision of bf16 > 0 ? [0, 1] : [0]) {
        const { release, ...samplers } = prepare(backend, one, precision)
        const samples = await interleave(samplers, { rounds })
        release()
        for (const [name, seconds] of Object.entries(samples)) {
          const flops = (name === 'forward' ? 4 : 10) * one.D * pairsSeen(one)
          const rates = seconds.map((each) => flops / each / 1e9)
          const title = `${one.title}, ${precision ? 'bf16' : 'f32'}, ${name}`
          yield compare({ case: title, ours: figure(rates, 'GFLOP/s', precision ? bf16 : f32), detail: true })
        }
      }
    }
    for (const one of decoding.filter(({ title }) => wants(title))) {
      const { forward, release } = prepare(backend, one, 0)
      const { seconds } = await interleave({ seconds: forward }, { rounds })
      release()
      const { B, S = 0, H, G = H, D } = one
      const rates = seconds.map((each) => (2 * 4 * B * S * G * D) / each / 1e9)
      yield compare({ case: one.title, ours: figure(rates, 'GB/s'), detail: true })
    }
  },
}
export default bench

/** The two calls at one size, ready to run; each gives the seconds of one call, as the mean over a program of many. */
function prepare(engine: CpuBackend, one: Shapes, precision: number) {
  const { B, T, S = T, H, G = H, D, causal = 1, documents } = one
  let offset = 0
  const place = (shape: Shape, dtype: DType = 'f32'): BufferRef => {
    const ref: BufferRef = { segment: 0, offset, shape, dtype }
    offset += Math.ceil(sizeOf(shape) / 16) * 64
    return ref
  }
  const queries: Shape = [B, T, H, D]
  const keys: Shape = [B, S, G, D]
  const [q, k, v, dout] = [queries, keys, keys, queries].map((shape) => place(shape))
  const [out, lse, dq, dk, dv] = [queries, [B, H, T], queries, keys, keys].map((shape) => place(shape))
  const masks = documents === undefined ? [] : [place([B, T], 'i32')]
  const segment = engine.allocate(offset)
  for (const { offset: at } of masks) {
    const numbers = Int32Array.from({ length: B * T }, (_, i) => Math.floor((i % T) / documents!))
    segment.write(at, new Uint8Array(numbers.buffer))
  }
  const rng = random(1)
  for (const ref of [q, k, v, dout]) {
    const values = new Float32Array(sizeOf(ref.shape)).map(() => 2 * rng.next() - 1)
    segment.write(ref.offset, new Uint8Array(values.buffer))
  }
  const attributes = [causal, 1 / Math.sqrt(D), precision]
  const programs: Executable[] = []
  function sampler(call: KernelCall): () => Promise<number> {
    const repeats = Math.max(1, Math.min(100, Math.round(2e8 / (D * pairsSeen(one)))))
    const program = engine.load(new Array<KernelCall>(repeats).fill(call), [segment])
    programs.push(program)
    return async () => {
      const start = performance.now()
      await program.run()
      return (performance.now() - start) / 1000 / repeats
    }
  }
  const inputs = [q, k, v, out, lse, dout, ...masks]
  return {
    forward: sampler({ kernel: 'attention', inputs: [q, k, v, ...masks], outputs: [out, lse], attributes }),
    backward: sampler({ kernel: 'attention-backward', inputs, outputs: [dq, dk, dv], attributes }),
    release() {
      for (const each of [...programs, segment]) each.release()
    },
  }
}

/** Pairs of a query and a key that it sees, over all heads. */
function pairsSeen({ B, T, S = T, H, causal = 1, documents }: Shapes): number {
  if (documents !== undefined) {
    const rest = T % documents
    const pairs = (n: number) => (causal ? (n * (n + 1)) / 2 : n * n)
    return B * H * (((T - rest) / documents) * pairs(documents) + pairs(rest))
  }
  return B * H * (causal ? T * (S - T) + (T * (T + 1)) / 2 : T * S)
}
