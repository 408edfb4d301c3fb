import type { Executable, Segment } from '../src/backend/index.ts'
import { byteLength, type PackedDType, packedRowBytes, packings } from '../src/base/index.ts'
import { createState, writeRows } from '../src/compiler/index.ts'
import { packRows } from '../src/packing/index.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import { interleave } from './runner/interleave.ts'
import { pseudorandom, seconds } from './runner/product.ts'
import { compare, figure, median } from './runner/statistics.ts'

// Products with packed matrices, of the layers of a Llama of 1 B parameters. Few rows (decoding) are bound by reading the
// weights: GB/s of weights, as part of what reading memory reaches, measured beside each matrix, since memory drifts. Many rows
// (reading a prompt) are bound by products of bytes: GOP/s (2·M·N·K), as part of the peak. Weights lie in memory so often that no
// cache holds them.

type Size = readonly [rows: number, columns: number]

const sizes: readonly Size[] = [[2048, 2048], [8192, 2048], [2048, 8192], [32000, 2048]] // biome-ignore format: a table
const few = [1, 2, 4, 8, 16]
const many = 512
const dtypes = Object.keys(packings) as PackedDType[]
const common: readonly PackedDType[] = ['q8_0', 'q4_0', 'q4_k']
const weightBytes = 150e6

/** Part of the bandwidth at one row; GOP/s at 512. */
const targets: Partial<Record<PackedDType, readonly [decode: number, prompt: number]>> = {
  q8_0: [85, 900],
  q4_0: [80, 1100],
  q4_k: [80, 1100],
}

const bench: Bench = {
  title: 'Products with packed matrices: GB/s of weights for few rows, GOP/s for many; loading through interleave.',
  async *cases(context) {
    for (const dtype of context.quick ? common : dtypes) {
      for (const size of context.quick ? sizes.slice(1, 2) : sizes) {
        const title = `${dtype} ${size.join('x')}`
        if (!context.wants(title)) continue
        context.progress(title)
        yield* productCases(context, title, dtype, size)
      }
      if (context.wants(`load ${dtype}`)) yield await loadCase(context, dtype)
    }
  },
}
export default bench

/** Calls of one product over the copies of a matrix. */
interface Calls {
  readonly program: Executable
  readonly count: number
}

async function* productCases(
  { backend, quick }: Context,
  title: string,
  dtype: PackedDType,
  [N, K]: Size,
): AsyncGenerator<Case> {
  const bytes = byteLength(dtype, [N, K])
  const copies = Math.ceil(weightBytes / bytes)
  const weights = backend.allocate(align(bytes) * copies)
  fillWeights(weights, dtype, K)
  const calls = new Map<number, Calls>()
  const segments: Segment[] = [weights]
  for (const M of quick ? [1, 8, many] : [...few, many]) {
    // Enough for some tens of milliseconds.
    const count = M === many ? Math.min(copies, Math.ceil(2e10 / (2 * M * N * K))) : copies
    const values = backend.allocate(align(4 * M * K) + align(4 * M * N))
    values.write(0, new Uint8Array(pseudorandom(M * K).buffer))
    segments.push(values)
    const call = (i: number) => ({
      kernel: 'packed-matmul',
      inputs: [
        { segment: 0, offset: 0, shape: [M, K], dtype: 'f32' as const },
        { segment: 1, offset: i * align(bytes), shape: [N, K], dtype },
      ],
      outputs: [{ segment: 0, offset: align(4 * M * K), shape: [M, N], dtype: 'f32' as const }],
      attributes: [0],
    })
    calls.set(M, {
      program: backend.load(
        Array.from({ length: count }, (_, i) => call(i)),
        [values, weights],
      ),
      count,
    })
  }
  const before = await backend.peaks()
  const samplers = [...calls].map(([M, { program, count }]) => [
    M,
    async () => count / (await seconds(() => program.run())),
  ])
  const rates = await interleave(Object.fromEntries(samplers), { rounds: quick ? 9 : 15 })
  const after = await backend.peaks()
  const readGBs = Math.max(before.readGBs, after.readGBs)
  const int8 = Math.max(before.int8, after.int8)
  for (const { program } of calls.values()) program.release()
  for (const segment of segments) segment.release()
  const [decode, prompt] = targets[dtype] ?? []
  const alone = median(rates[1])
  for (const M of calls.keys()) {
    const times = `${(alone / median(rates[M])).toFixed(2)} times the time of one row`
    const inGBs = figure(
      rates[M].map((rate) => (rate * bytes) / 1e9),
      'GB/s',
      readGBs,
    )
    const inGops = figure(
      rates[M].map((rate) => (rate * 2 * M * N * K) / 1e9),
      'GOP/s',
      int8,
    )
    yield compare({
      case: `${title}, ${M} rows`,
      ours: M === many ? inGops : inGBs,
      target:
        M === many && prompt ? `value >= ${prompt}` : M === 1 && decode ? `percentOfPeak >= ${decode}` : undefined,
      note:
        M === many
          ? `${inGBs.value} GB/s`
          : `${inGops.value} GOP/s; ${M === 1 ? `memory ${readGBs.toFixed(1)} GB/s` : times}`,
      ...(common.includes(dtype) && N === 8192 && (M === 1 || M === many) ? {} : { detail: true as const }),
    })
  }
}

/** `writeRows` of a weight of the size of an embedding. */
async function loadCase({ backend, quick }: Context, dtype: PackedDType): Promise<Case> {
  const [N, K] = [32000, 2048]
  const state = createState(backend)
  state.ensure([{ name: 'w', shape: [N, K], dtype }])
  const rows = new Uint8Array(N * packedRowBytes(dtype, K)).fill(1)
  const samples: number[] = []
  for (let i = -1; i < (quick ? 5 : 11); i++) {
    const time = await seconds(() => writeRows(state, 'w', rows))
    if (i >= 0) samples.push(rows.length / time / 1e9)
  }
  state.release()
  return compare({
    case: `load ${dtype} ${N}x${K}`,
    ours: figure(samples, 'GB/s'),
    note: `${(rows.length / median(samples) / 1e6).toFixed(1)} ms`,
    detail: true,
  })
}

/** Panels that hold some bytes of packed rows in any order: what the numbers are matters to no kernel. */
function fillWeights(weights: Segment, dtype: PackedDType, K: number) {
  const rows = packRows(dtype, pseudorandom(16 * K), K) // as many bytes as a panel
  const many = new Uint8Array(rows.length * 32)
  for (let i = 0; i < 32; i++) many.set(rows, i * rows.length)
  for (let at = 0; at < weights.bytes; at += many.length)
    weights.write(at, many.subarray(0, Math.min(many.length, weights.bytes - at)))
}

const align = (bytes: number) => Math.ceil(bytes / 64) * 64
