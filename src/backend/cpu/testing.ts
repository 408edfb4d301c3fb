import type { DType } from '../../base/index.ts'
import { byteLength, elementsOver, newElements, random, toBf16Bits, toHalf } from '../../base/index.ts'
import type { Backend, BufferRef, KernelCall, Segment } from '../contract.ts'

/** A segment that tests fill value by value. */
export interface Bench {
  readonly segment: Segment
  /** A place for a value, filled when `values` are given (rounded to bf16 when the dtype is bf16). */
  place(shape: readonly number[], values?: ArrayLike<number>, dtype?: DType): BufferRef
  /** The elements of a place, as they are stored. */
  values(ref: BufferRef): Promise<number[]>
  run(...calls: KernelCall[]): Promise<void>
}

export function benchOn(backend: Backend, bytes = 1 << 24): Bench {
  const segment = backend.allocate(bytes)
  let end = 0
  return {
    segment,
    place(shape, values, dtype = 'f32') {
      const offset = end
      const size = byteLength(dtype, shape)
      end = Math.ceil((offset + size) / 64) * 64
      if (end > bytes) throw new Error(`the test needs a larger segment than ${bytes}`)
      if (values) {
        const elements = newElements(dtype, shape)
        const stored = dtype === 'bf16' ? toBf16Bits : dtype === 'f16' ? toHalf : (value: number) => value
        for (let i = 0; i < values.length; i++) elements[i] = stored(values[i])
        segment.write(offset, new Uint8Array(elements.buffer))
      }
      return { segment: 0, offset, shape, dtype }
    },
    async values(ref) {
      const bytes = await segment.read(ref.offset, byteLength(ref.dtype, ref.shape))
      return Array.from(elementsOver(ref.dtype, ref.shape, bytes.buffer))
    },
    async run(...calls) {
      const program = backend.load(calls, [segment])
      await program.run()
      program.release()
    },
  }
}

/** `size` numbers of f32 in [-1, 1), always the same for a seed. */
export function uniform(size: number, seed: number): Float32Array {
  const rng = random(seed)
  return Float32Array.from({ length: size }, () => 2 * rng.next() - 1)
}
