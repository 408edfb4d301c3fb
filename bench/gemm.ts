/**
 * Matrix products of training GPT-2 124M (M = 1024 tokens; forward, dX and dW of its five layers) and of a tiny model,
 * f32 and bf16, native and WebAssembly, as GFLOP/s and as a share of the peak measured in the same run.
 *
 *   node bench/gemm.ts [--json] [--quick]
 */
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import type { CpuBackend, Peaks } from '../src/backend/cpu/index.ts'
import { openBackend } from '../src/node/backend.ts'

interface Shape {
  readonly name: string
  readonly M: number
  readonly N: number
  readonly K: number
  readonly transposeA: number
  readonly transposeB: number
}

/** The three products of a linear layer with weights [F, C] over `tokens` rows. */
function layer(model: string, tokens: number, C: number, F: number): Shape[] {
  return [
    { name: `${model} ${C}x${F} forward`, M: tokens, N: F, K: C, transposeA: 0, transposeB: 1 },
    { name: `${model} ${C}x${F} dX`, M: tokens, N: C, K: F, transposeA: 0, transposeB: 0 },
    { name: `${model} ${C}x${F} dW`, M: F, N: C, K: tokens, transposeA: 1, transposeB: 0 },
  ]
}

const json = process.argv.includes('--json')
const quick = process.argv.includes('--quick')
const gpt2 = [[768, 2304], [768, 768], [768, 3072], [3072, 768], [768, 50257]] // biome-ignore format: a table
const tiny = [[128, 384], [128, 128], [128, 512], [512, 128]] // biome-ignore format: a table
const shapes = [
  ...gpt2.slice(0, quick ? 1 : 5).flatMap(([C, F]) => layer('gpt2', 1024, C, F)),
  ...tiny.slice(0, quick ? 1 : 4).flatMap(([C, F]) => layer('tiny', 4096, C, F)),
]
const runs = quick ? 5 : 15
const secondsPerCase = quick ? 0.15 : 0.6

/** Milliseconds of each of several runs, after one to warm up. */
async function timesOf(backend: CpuBackend, shape: Shape, precision: number): Promise<number[]> {
  const { M, N, K, transposeA, transposeB } = shape
  const up = (elements: number) => Math.ceil((elements * 4) / 64) * 64
  const segment = backend.allocate(up(M * K) + up(N * K) + up(M * N))
  const a = { segment: 0, offset: 0, shape: transposeA ? [K, M] : [M, K], dtype: 'f32' as const }
  const b = { segment: 0, offset: up(M * K), shape: transposeB ? [N, K] : [K, N], dtype: 'f32' as const }
  const c = { segment: 0, offset: up(M * K) + up(N * K), shape: [M, N], dtype: 'f32' as const }
  // Numbers of ordinary size: zeros would be as fast here, but subnormals would not.
  const ones = new Float32Array(1 << 16).fill(0.5)
  for (let at = 0; at < c.offset; at += ones.byteLength) {
    segment.write(at, new Uint8Array(ones.buffer, 0, Math.min(ones.byteLength, c.offset - at)))
  }
  const call = { kernel: 'matmul', inputs: [a, b], outputs: [c], attributes: [transposeA, transposeB, 0, precision] }
  const program = backend.load([call], [segment])
  await program.run()
  const times: number[] = []
  const timings = new Float64Array(1)
  const end = performance.now() + secondsPerCase * 1000
  while (times.length < runs || (performance.now() < end && times.length < 1000)) {
    await program.run(timings)
    times.push(timings[0] / 1e6)
  }
  program.release()
  segment.release()
  return times
}

function figures(shape: Shape, times: number[], peak: number) {
  const gflops = times.map((ms) => (2 * shape.M * shape.N * shape.K) / ms / 1e6).sort((x, y) => x - y)
  const median = gflops[Math.floor(gflops.length / 2)]
  const round = (x: number) => Math.round(x * 10) / 10
  return {
    value: round(median),
    unit: 'GFLOP/s',
    min: round(gflops[0]),
    max: round(gflops[gflops.length - 1]),
    runs: gflops.length,
    percentOfPeak: round((100 * median) / peak),
    bestPercentOfPeak: round((100 * gflops[gflops.length - 1]) / peak),
  }
}

const targets = { 'native f32': 85, 'native bf16': 75, 'wasm f32': 80 }
const cases: object[] = []
const skipped: object[] = []
let machine: { peak?: Peaks; threads?: number; isa?: string } = {}
for (const kind of ['native', 'wasm'] as const) {
  const backend = await openBackend({ backend: kind }).catch((error: Error) => {
    skipped.push({ peer: kind, why: error.message })
  })
  if (!backend) continue
  const peak = await backend.peaks()
  if (!machine.peak) machine = { peak, threads: backend.threads, isa: backend.isa }
  for (const precision of kind === 'native' && peak.bf16 ? ([0, 1] as const) : ([0] as const)) {
    const dtype = precision ? 'bf16' : 'f32'
    const target = targets[`${kind} ${dtype}` as keyof typeof targets]
    for (const shape of shapes) {
      const ours = figures(shape, await timesOf(backend, shape, precision), peak[dtype])
      const met = ours.percentOfPeak >= target
      cases.push({
        case: `${backend.name} ${dtype} ${shape.name}`,
        ours,
        peers: [],
        target: `percentOfPeak >= ${target}`,
        met,
      })
      if (json) continue
      const line = `${ours.value} GFLOP/s, ${ours.percentOfPeak} % of peak (best ${ours.bestPercentOfPeak} %)`
      console.log(`${backend.name} ${dtype} ${shape.name}`.padEnd(56), line)
    }
  }
  await backend.close()
}

if (json) {
  const git = (...parameters: string[]) => execFileSync('git', parameters, { encoding: 'utf8' }).trim()
  const { peak, ...rest } = machine
  const { readGBs, ...rates } = peak ?? { readGBs: 0 }
  const report = {
    bench: 'gemm',
    date: new Date().toISOString().slice(0, 10),
    commit: git('rev-parse', '--short', 'HEAD'),
    machine: { cpu: cpus()[0]?.model, ...rest, peak: rates, readGBs },
    cases,
    skipped,
  }
  console.log(JSON.stringify(report, null, 2))
}
