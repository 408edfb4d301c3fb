import type { CpuBackend } from '../src/backend/cpu/index.ts'
import { openBackend } from '../src/node/index.ts'
import { type OnnxPeer, openOnnx } from './peers/onnx-matmul.ts'
import { openPython, type PythonPeer } from './peers/python.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import { interleave, type Sampler } from './runner/interleave.ts'
import { bestPeaks } from './runner/machine.ts'
import {
  checked,
  expectRight,
  flopsOf,
  type Precision,
  type Product,
  prepareOurs,
  pseudorandom,
  seconds,
} from './runner/product.ts'
import { compare, figure } from './runner/statistics.ts'

// Forward, dX and dW of the linear layers of GPT-2 124M (M = 1024 tokens) and of a tiny model. Ours takes f32, packs both
// operands at every call and gives f32, also where it multiplies in bf16: that is what a training step asks for.
// FLOPs are 2·M·N·K.

interface Shape extends Product {
  readonly name: string
  readonly model: string
  /** How often it occurs in a step. */
  readonly times: number
}

/** The three products of a linear layer with weights [F, C] over M tokens. */
function layer(model: string, M: number, times: number, C: number, F: number): Shape[] {
  const part = (name: string, sizes: Product) => ({ name: `${model} ${C}x${F} ${name}`, model, times, ...sizes })
  return [
    part('forward', { M, N: F, K: C, transposeA: 0, transposeB: 1 }),
    part('dX', { M, N: C, K: F, transposeA: 0, transposeB: 0 }),
    part('dW', { M: F, N: C, K: M, transposeA: 1, transposeB: 0 }),
  ]
}

const gpt2 = [[768, 2304], [768, 768], [768, 3072], [3072, 768]] // biome-ignore format: a table
const tiny = [[128, 384], [128, 128], [128, 512], [512, 128]] // biome-ignore format: a table
const shapes = [
  ...gpt2.flatMap(([C, F]) => layer('gpt2-124m', 1024, 12, C, F)),
  ...layer('gpt2-124m', 1024, 1, 768, 50257),
  ...tiny.flatMap(([C, F]) => layer('tiny', 4096, 4, C, F)),
]
const quickShapes = shapes.filter(({ name }) => /^gpt2-124m 768x2304|^tiny 128x384/.test(name))

const targets: Readonly<Record<string, number>> = { 'native f32': 85, 'native bf16': 75, 'wasm f32': 80 }

/** One of our engines at one precision. */
interface Engine {
  readonly title: string
  readonly kind: string
  readonly precision: Precision
  readonly backend: CpuBackend
  /** GFLOP/s */
  readonly peak: number
}

interface Peers {
  readonly onnx?: OnnxPeer
  readonly torch?: PythonPeer
}

const bench: Bench = {
  title: 'Matrix products of training, native and WebAssembly, f32 and bf16: GFLOP/s, and % of peak.',
  async *cases(context) {
    const { backend, quick, wants, skip } = context
    const engines = await openEngines(context)
    const [onnx, torch] = [await openOnnx(backend.threads), await openPython('pytorch_matmul.py', backend.threads)]
    if ('why' in onnx) skip('onnxruntime', onnx.why)
    if ('why' in torch) skip('pytorch', torch.why)
    const peers = { onnx: 'why' in onnx ? undefined : onnx, torch: 'why' in torch ? undefined : torch }
    const measured: [Shape, Record<string, number[]>][] = []
    for (const shape of quick ? quickShapes : shapes) {
      if (!wants(shape.name)) continue
      const samples = await measure(shape, engines, peers, quick ? 0.05 : 0.15)
      measured.push([shape, samples])
      for (const engine of engines) yield caseOf(engine, shape.name, samples, { model: shape.model, detail: true })
    }
    for (const model of quick ? [] : ['gpt2-124m', 'tiny']) {
      const own = measured.filter(([shape]) => shape.model === model)
      if (own.length < shapes.filter((shape) => shape.model === model).length) continue
      for (const engine of engines) yield caseOf(engine, `${model}, all products of a step`, together(own), { model })
    }
    for (const each of new Set(engines.map((engine) => engine.backend))) if (each !== backend) await each.close()
    await peers.torch?.close()
  },
}
export default bench

async function openEngines({ backend, machine, skip }: Context): Promise<Engine[]> {
  const engines: Engine[] = []
  const add = (backend: CpuBackend, kind: string, precision: Precision, peak: number) =>
    engines.push({ title: `${backend.name} ${precision}`, kind: `${kind} ${precision}`, precision, backend, peak })
  const isNative = backend.name.includes('native')
  add(backend, isNative ? 'native' : 'wasm', 'f32', machine.peak.f32)
  if (!isNative) return engines
  if (machine.peak.bf16 > 0) add(backend, 'native', 'bf16', machine.peak.bf16)
  try {
    const wasm = await openBackend({ backend: 'wasm', threads: backend.threads })
    add(wasm, 'wasm', 'f32', (await bestPeaks(wasm)).f32)
  } catch (error) {
    skip('wasm', (error as Error).message)
  }
  return engines
}

function caseOf(
  { title, kind, precision, peak }: Engine,
  name: string,
  samples: Record<string, number[]>,
  { model, ...more }: { model: string; detail?: true },
): Case {
  // Peers stand beside the native engine of their precision.
  const peers = Object.entries(samples).filter(([peer]) => kind.startsWith('native') && peer.endsWith(`: ${precision}`))
  return compare({
    case: `${title} ${name}`,
    ours: figure(samples[title], 'GFLOP/s', peak),
    peers: Object.fromEntries(peers),
    // The goals are set for GPT-2's products; the tiny model's are small, and its goal is the speed of its step.
    target: model === 'gpt2-124m' ? `percentOfPeak >= ${targets[kind]}` : undefined,
    ...more,
  })
}

/** GFLOP/s over all shapes, each as often as it occurs in a step. */
function together(measured: readonly [Shape, Record<string, number[]>][]): Record<string, number[]> {
  const flops = measured.reduce((sum, [shape]) => sum + shape.times * flopsOf(shape), 0)
  const rates = (name: string) =>
    measured[0][1][name].map((_, round) => {
      const seconds = measured.map(([shape, samples]) => (shape.times * flopsOf(shape)) / samples[name][round])
      return flops / seconds.reduce((sum, one) => sum + one, 0)
    })
  return Object.fromEntries(Object.keys(measured[0][1]).map((name) => [name, rates(name)]))
}

/** GFLOP/s of everybody at one shape, interleaved, after their answers were found right. */
async function measure(shape: Shape, engines: readonly Engine[], { onnx, torch }: Peers, secondsPerSample: number) {
  const a = pseudorandom(shape.M * shape.K)
  const b = pseudorandom(shape.K * shape.N)
  const samplers: Record<string, Sampler> = {}
  const releases: (() => unknown)[] = []

  /** `run` multiplies some times in a row and gives seconds. */
  const enter = async (name: string, run: (repeats: number) => Promise<number>) => {
    await run(1)
    const repeats = Math.max(1, Math.min(1000, Math.round(secondsPerSample / (await run(1)))))
    samplers[name] = async () => (flopsOf(shape) * repeats) / (await run(repeats)) / 1e9
  }
  for (const { title, precision, backend } of engines) {
    const { run, result, release } = prepareOurs(backend, shape, precision, a, b)
    await enter(title, run)
    expectRight(`${title}, ${shape.name}`, shape, precision, a, b, await result(checked))
    releases.push(release)
  }
  if (onnx !== undefined) {
    const { run, result, release } = await onnx.prepare(shape, a, b)
    const name = `onnxruntime ${onnx.version}: f32`
    await enter(name, (repeats) =>
      seconds(async () => {
        for (let i = 0; i < repeats; i++) await run()
      }),
    )
    expectRight(`${name}, ${shape.name}`, shape, 'f32', a, b, result)
    releases.push(release)
  }
  if (torch !== undefined) {
    const { M, N, K, transposeA, transposeB } = shape
    await torch.request({ op: 'prepare', M, N, K, transposeA, transposeB })
    for (const precision of ['f32', 'bf16'] as const) {
      const name = `pytorch ${torch.version}: ${precision}`
      await enter(name, (repeats) => torch.request<number>({ op: 'seconds', precision, repeats }))
      expectRight(
        `${name}, ${shape.name}`,
        shape,
        precision,
        a,
        b,
        await torch.request({ op: 'row', precision, count: checked }),
      )
    }
  }
  const samples = await interleave(samplers, { rounds: 5 })
  for (const release of releases) await release()
  return samples
}
