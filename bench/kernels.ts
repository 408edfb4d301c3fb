import type { Backend, BufferRef, KernelCall } from '../src/backend/index.ts'
import { byteLength, type DType, type ElementwiseName, opcode, type Shape, sizeOf } from '../src/base/index.ts'
import type { Bench } from './runner/contract.ts'
import { compare, figure } from './runner/statistics.ts'

// How fast each kernel is at sizes of training: everything but matmul, attention and cross-entropy. `cold` runs over so
// many copies of the buffers that no cache holds them: GB/s, and that as part of what reading memory reaches in the same run
// (writing costs more than reading: a line is fetched before it is written). `hot` repeats one call over the same buffers:
// billions of elements of its largest buffer a second. The file is long because it is a table.

interface Kernel {
  readonly title: string
  readonly kernel: string
  /** Shapes of inputs and outputs; f32 unless a dtype follows. An output given as a number shares that input's memory. */
  readonly inputs: readonly Operand[]
  readonly outputs: readonly (Operand | number)[]
  readonly attributes: KernelCall['attributes']
  /** Bytes that one call must move; all inputs and outputs, each once, when not given. */
  readonly bytes?: number
}

type Operand = readonly [shape: Shape, dtype?: DType, limit?: number]

/** A program over inputs: each line an operation and the registers it reads. */
function code(...lines: readonly (readonly [ElementwiseName, ...number[]])[]): number[] {
  return lines.flatMap(([name, a = 0, b = 0, c = 0]) => [opcode(name), a, b, c])
}

const wide: Shape = [1024, 3072]
const rows: Shape = [4096, 512]
const codes: Operand = [[20_000_000], 'u8']
const unary = (name: ElementwiseName): Kernel => ({
  title: `${name} [1024, 3072]`,
  kernel: 'elementwise',
  inputs: [[wide]],
  outputs: [[wide]],
  attributes: [code([name, 0]), [1]],
})

const cases: readonly Kernel[] = [
  {
    title: 'add [1024, 3072]',
    kernel: 'elementwise',
    inputs: [[wide], [wide]],
    outputs: [[wide]],
    attributes: [code(['add', 0, 1]), [2]],
  },
  {
    title: 'add in place [1024, 3072]',
    kernel: 'elementwise',
    inputs: [[wide], [wide]],
    outputs: [0],
    attributes: [code(['add', 0, 1]), [2]],
  },
  {
    title: 'add [512] over [4096, 512]',
    kernel: 'elementwise',
    inputs: [[rows], [[512]]],
    outputs: [[rows]],
    attributes: [code(['add', 0, 1]), [2]],
  },
  {
    title: 'multiply [4096, 1] over [4096, 512]',
    kernel: 'elementwise',
    inputs: [[rows], [[4096, 1]]],
    outputs: [[rows]],
    attributes: [code(['multiply', 0, 1]), [2]],
  },
  {
    title: 'add [64] over [32768, 64]',
    kernel: 'elementwise',
    inputs: [[[32768, 64]], [[64]]],
    outputs: [[[32768, 64]]],
    attributes: [code(['add', 0, 1]), [2]],
  },
  {
    title: 'chain of 6: silu(x)·y + 0.5·z',
    kernel: 'elementwise',
    inputs: [[wide], [wide], [wide]],
    outputs: [[wide]],
    attributes: [code(['silu', 0], ['multiply', 3, 1], ['constant', 0.5], ['multiply', 2, 5], ['add', 4, 6]), [7]],
  },
  {
    title: 'f32 to bf16',
    kernel: 'elementwise',
    inputs: [[wide]],
    outputs: [[wide, 'bf16']],
    attributes: [[], [0]],
  },
  {
    title: 'bf16 to f32',
    kernel: 'elementwise',
    inputs: [[wide, 'bf16']],
    outputs: [[wide]],
    attributes: [[], [0]],
  },
  ...(
    ['exp', 'log', 'tanh', 'sigmoid', 'gelu', 'gelu-derivative', 'silu', 'silu-derivative', 'sin', 'rsqrt'] as const
  ).map(unary),
  {
    title: 'power [1024, 3072]',
    kernel: 'elementwise',
    inputs: [[wide], [wide]],
    outputs: [[wide]],
    attributes: [code(['power', 0, 1]), [2]],
  },
  { title: 'fill [1024, 3072]', kernel: 'fill', inputs: [], outputs: [[wide]], attributes: [1] },
  { title: 'sum to [1, 512]', kernel: 'sum', inputs: [[rows]], outputs: [[[1, 512]]], attributes: [] },
  { title: 'sum to [1, 3072]', kernel: 'sum', inputs: [[wide]], outputs: [[[1, 3072]]], attributes: [] },
  { title: 'sum to [4096, 1]', kernel: 'sum', inputs: [[rows]], outputs: [[[4096, 1]]], attributes: [] },
  { title: 'sum to [1, 1]', kernel: 'sum', inputs: [[rows]], outputs: [[[1, 1]]], attributes: [] },
  { title: 'max to [4096, 1]', kernel: 'max', inputs: [[rows]], outputs: [[[4096, 1]]], attributes: [] },
  {
    title: 'sum-squares [40 M]',
    kernel: 'sum-squares',
    inputs: [[[40_000_000]]],
    outputs: [[[]]],
    attributes: [],
  },
  { title: 'argmax [512, 4096]', kernel: 'argmax', inputs: [[[512, 4096]]], outputs: [[[512], 'i32']], attributes: [] },
  {
    title: 'transpose [3072, 1024]',
    kernel: 'transpose',
    inputs: [[wide]],
    outputs: [[[3072, 1024]]],
    attributes: [[1, 0]],
  },
  {
    title: 'transpose [8, 256, 12, 64] heads',
    kernel: 'transpose',
    inputs: [[[8, 256, 12, 64]]],
    outputs: [[[8, 12, 256, 64]]],
    attributes: [[0, 2, 1, 3]],
  },
  {
    title: 'slice columns',
    kernel: 'slice',
    inputs: [[wide]],
    outputs: [[[1024, 1024]]],
    attributes: [1, 1024],
    bytes: 8 << 20,
  },
  { title: 'pad columns', kernel: 'pad', inputs: [[[1024, 1024]]], outputs: [[wide]], attributes: [1, 1024] },
  {
    title: 'concat columns',
    kernel: 'concat',
    inputs: [[[1024, 1024]], [[1024, 1024]], [[1024, 1024]]],
    outputs: [[wide]],
    attributes: [1],
  },
  {
    title: 'gather 1024 of [50257, 768]',
    kernel: 'gather',
    inputs: [[[50257, 768]], [[1024], 'i32', 50257]],
    outputs: [[[1024, 768]]],
    attributes: [],
    bytes: 8 * 1024 * 768,
  },
  {
    title: 'scatter-add 1024 into [50257, 768]',
    kernel: 'scatter-add',
    inputs: [[[50257, 768]], [[1024], 'i32', 50257], [[1024, 768]]],
    outputs: [0],
    attributes: [],
    bytes: 12 * 1024 * 768,
  },
  { title: 'softmax [4096, 512]', kernel: 'softmax', inputs: [[rows]], outputs: [[rows]], attributes: [] },
  {
    title: 'softmax-backward [4096, 512]',
    kernel: 'softmax-backward',
    inputs: [[rows], [rows]],
    outputs: [1],
    attributes: [],
  },
  {
    title: 'layer-norm [4096, 512]',
    kernel: 'layer-norm',
    inputs: [[rows], [[512]], [[512]]],
    outputs: [[rows]],
    attributes: [1e-5],
  },
  {
    title: 'layer-norm-backward [4096, 512]',
    kernel: 'layer-norm-backward',
    inputs: [[rows], [[512]], [rows], [rows]],
    outputs: [3, [[512]], [[512]]],
    attributes: [1e-5],
  },
  {
    title: 'rms-norm [1024, 3072]',
    kernel: 'rms-norm',
    inputs: [[wide], [[3072]]],
    outputs: [[wide]],
    attributes: [1e-5],
  },
  {
    title: 'rms-norm-backward [1024, 3072]',
    kernel: 'rms-norm-backward',
    inputs: [[wide], [[3072]], [wide], [wide]],
    outputs: [3, [[3072]]],
    attributes: [1e-5],
  },
  ...[0, 1].map(
    (interleaved): Kernel => ({
      title: `rotary [4, 256, 12, 64]${interleaved ? ' interleaved' : ''}`,
      kernel: 'rotary',
      inputs: [[[4, 256, 12, 64]], [[256], 'i32', 256]],
      outputs: [0],
      attributes: [10000, 0, interleaved],
    }),
  ),
  {
    title: 'adamw [20 M]',
    kernel: 'adamw',
    inputs: [[[20_000_000]], [[20_000_000]], [[20_000_000]], [[20_000_000]], [[4]]],
    outputs: [0, 1, 2],
    attributes: [0.9, 0.95, 1e-8, 0.1, 1],
  },
  {
    title: 'adamw-8bit [20 M]',
    kernel: 'adamw-8bit',
    inputs: [[[20_000_000]], codes, [[78_125]], codes, [[78_125]], [[20_000_000]], [[4]]],
    outputs: [0, 1, 2, 3, 4],
    attributes: [0.9, 0.95, 1e-8, 0.1, 1],
  },
  {
    title: 'random-uniform [1024, 3072]',
    kernel: 'random-uniform',
    inputs: [],
    outputs: [[wide]],
    attributes: [1, 0, 0, 1],
  },
  {
    title: 'random-normal [1024, 3072]',
    kernel: 'random-normal',
    inputs: [],
    outputs: [[wide]],
    attributes: [1, 0, 0, 1],
  },
]

const cacheBytes = 96 << 20 // more than any cache here

const bench: Bench = {
  title: 'Every kernel but matmul, attention and cross-entropy: GB/s from memory, elements a second from the cache.',
  async *cases({ backend, machine, quick, wants }) {
    const rounds = quick ? 5 : 9
    for (const one of cases) {
      if (!backend.kernels.has(one.kernel) || !wants(`${one.kernel} ${one.title}`)) continue
      const copies = Math.max(2, Math.min(16, Math.ceil(cacheBytes / footprint(one))))
      const cold = (await measure(backend, one, copies, rounds)).map((ns) => bytesMoved(one) / ns)
      yield compare({ case: `${one.title}, cold`, ours: figure(cold, 'GB/s', machine.readGBs), detail: true })
      const hot = (await measure(backend, one, 1, rounds)).map((ns) => elements(one) / ns)
      yield compare({ case: `${one.title}, hot`, ours: figure(hot, 'G elements/s'), detail: true })
    }
  },
}
export default bench
/** Nanoseconds of one call in each of some rounds: the mean over a program of calls. */
async function measure(backend: Backend, one: Kernel, copies: number, rounds: number): Promise<number[]> {
  const calls: KernelCall[] = []
  let offset = 0
  const place = ([shape, dtype = 'f32']: Operand): BufferRef => {
    const ref = { segment: 0, offset, shape, dtype }
    offset += Math.ceil(byteLength(dtype, shape) / 64) * 64
    return ref
  }
  const fills: [BufferRef, number][] = []
  for (let copy = 0; copy < copies; copy++) {
    const inputs = one.inputs.map((operand) => {
      const ref = place(operand)
      fills.push([ref, operand[2] ?? 0])
      return ref
    })
    const outputs = one.outputs.map((output) => (typeof output === 'number' ? inputs[output] : place(output)))
    calls.push({ kernel: one.kernel, inputs, outputs, attributes: one.attributes })
  }
  const segment = backend.allocate(offset)
  for (const [ref, limit] of fills) segment.write(ref.offset, sample(ref, limit))
  const repeated = copies === 1 ? Array.from({ length: 8 }, () => calls[0]) : calls
  const executable = backend.load(repeated, [segment])
  try {
    const timings = new Float64Array(repeated.length)
    const means: number[] = []
    for (let round = -1; round < rounds; round++) {
      await executable.run(timings)
      if (round >= 0) means.push(timings.reduce((sum, ns) => sum + ns, 0) / timings.length) // the first warms up
    }
    return means
  } finally {
    executable.release()
    segment.release()
  }
}

const samples = new Map<string, Uint8Array>()
/** Ids below `limit`, or numbers between 0.1 and 2.1 that no kernel finds special. */
function sample({ shape, dtype }: BufferRef, limit: number): Uint8Array {
  const key = `${sizeOf(shape)} ${dtype} ${limit}`
  let bytes = samples.get(key)
  if (!bytes) {
    const size = sizeOf(shape)
    const number = (i: number) => ((i * 2654435761) >>> 8) / 2 ** 24
    const values =
      dtype === 'i32'
        ? Int32Array.from({ length: size }, (_, i) => Math.floor(number(i) * limit))
        : dtype === 'bf16'
          ? new Uint16Array(size).fill(0x3f80)
          : dtype === 'u8'
            ? new Uint8Array(size).map((_, i) => 256 * number(i))
            : new Float32Array(size).map((_, i) => 0.1 + 2 * number(i))
    bytes = new Uint8Array(values.buffer)
    samples.set(key, bytes)
  }
  return bytes
}

const bytesOfAll = (operands: readonly Operand[]) =>
  operands.reduce((sum, [shape, dtype = 'f32']) => sum + byteLength(dtype, shape), 0)

function bytesMoved({ bytes, inputs, outputs }: Kernel): number {
  return (
    bytes ?? bytesOfAll([...inputs, ...outputs.map((output) => (typeof output === 'number' ? inputs[output] : output))])
  )
}

function footprint({ inputs, outputs }: Kernel): number {
  return bytesOfAll([...inputs, ...outputs.filter((output) => typeof output !== 'number')])
}

function elements({ bytes, inputs, outputs }: Kernel): number {
  if (bytes) return bytes / 4
  return Math.max(...[...inputs, ...outputs].map((one) => (typeof one === 'number' ? 0 : sizeOf(one[0]))))
}
