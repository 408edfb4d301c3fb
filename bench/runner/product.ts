import type { CpuBackend } from '../../src/backend/cpu/index.ts'
import { AlippeError } from '../../src/base/index.ts'

/** C = A · B: sizes, and whether an operand is stored transposed. */
export interface Product {
  readonly M: number
  readonly N: number
  readonly K: number
  readonly transposeA: number
  readonly transposeB: number
}

export type Precision = 'f32' | 'bf16'

export const flopsOf = ({ M, N, K }: Product): number => 2 * M * N * K

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** Our product: one program that holds it as often as it is repeated, as a training step holds many. */
export function prepareOurs(
  backend: CpuBackend,
  product: Product,
  precision: Precision,
  a: Float32Array,
  b: Float32Array,
) {
  const { M, N, K, transposeA, transposeB } = product
  const up = (elements: number) => Math.ceil((elements * 4) / 64) * 64
  const segment = backend.allocate(up(M * K) + up(N * K) + up(M * N))
  const ref = (offset: number, shape: number[]) => ({ segment: 0, offset, shape, dtype: 'f32' as const })
  const inputs = [ref(0, transposeA ? [K, M] : [M, K]), ref(up(M * K), transposeB ? [N, K] : [K, N])]
  const output = ref(up(M * K) + up(N * K), [M, N])
  for (const [i, values] of [a, b].entries()) segment.write(inputs[i].offset, new Uint8Array(values.buffer))
  const attributes = [transposeA, transposeB, 0, precision === 'bf16' ? 1 : 0]
  const call = { kernel: 'matmul', inputs, outputs: [output], attributes }
  return {
    async run(repeats: number) {
      const program = backend.load(Array(repeats).fill(call), [segment])
      const time = await seconds(() => program.run())
      program.release()
      return time
    },
    async result(count: number) {
      const bytes = await segment.read(output.offset, 4 * count)
      return new Float32Array(bytes.buffer, bytes.byteOffset, count)
    },
    release: () => segment.release(),
  }
}

/** Numbers between −½ and ½, the same in every language. */
export function pseudorandom(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => (Math.imul(i, 2654435761) >>> 8) / 2 ** 24 - 0.5)
}

/** Elements of the first row that are held against f64. */
export const checked = 16

/**
 * Rounding both operands changes a term by 2u of it at most (u = 2⁻⁹ for bf16), adding K of them in f32 by K·2⁻²⁴ of the
 * sum of their sizes, and a result in bf16 is rounded once more.
 *
 * @throws AlippeError when an answer lies further from the right one
 */
export function expectRight(
  name: string,
  { M, N, K, transposeA, transposeB }: Product,
  precision: Precision,
  a: Float32Array,
  b: Float32Array,
  row: ArrayLike<number>,
): void {
  const unit = precision === 'bf16' ? 2 ** -9 : 0
  for (let n = 0; n < checked; n++) {
    let [sum, size] = [0, 0]
    for (let k = 0; k < K; k++) {
      const term = a[transposeA ? k * M : k] * b[transposeB ? n * K + k : k * N + n]
      sum += term
      size += Math.abs(term)
    }
    const allowed = (2 * unit + unit * unit + K * 2 ** -24) * size + unit * Math.abs(sum)
    if (Math.abs(row[n] - sum) <= allowed) continue
    const fact = `element [0, ${n}] is ${row[n]}, expected ${sum} within ${allowed}`
    throw new AlippeError('ALIPPE_BENCH', `gemm: ${name}: ${fact}`)
  }
}
