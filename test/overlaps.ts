import type { BufferRef, KernelCall } from '../src/backend/index.ts'
import { byteLength, sameShape } from '../src/base/index.ts'
import type { Plan } from '../src/compiler/index.ts'

/** `[output, input]` pairs that may be the same memory: the column "in place" of kernels/README.md. */
const inPlace: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  'scatter-add': [[0, 0]],
  matmul: [[0, 3]],
  softmax: [[0, 0]],
  'softmax-backward': [[0, 1]],
  'layer-norm-backward': [
    [0, 2],
    [0, 3],
  ],
  'rms-norm-backward': [
    [0, 2],
    [0, 3],
  ],
  rotary: [[0, 0]],
  adamw: [
    [0, 0],
    [1, 1],
    [2, 2],
  ],
  'adamw-8bit': [
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ],
}

const bytesOfRef = ({ shape, dtype }: BufferRef) => byteLength(dtype, shape)

const overlap = (a: BufferRef, b: BufferRef) =>
  a.segment === b.segment && a.offset < b.offset + bytesOfRef(b) && b.offset < a.offset + bytesOfRef(a)

/**
 * What a kernel must not be asked to do, though the reference, which copies its inputs first, would do it: write a result
 * over an input that it does not do in place, over part of an input, or over another result.
 */
export function forbiddenOverlaps(plan: Plan): string[] {
  return plan.calls.flatMap((call, at) => forbiddenIn(call).map((what) => `call ${at}, ${call.kernel}: ${what}`))
}

function forbiddenIn({ kernel, inputs, outputs }: KernelCall): string[] {
  const found: string[] = []
  outputs.forEach((y, o) => {
    if (y === null) return
    for (const [p, other] of outputs.entries())
      if (p < o && other !== null && overlap(y, other)) found.push(`outputs ${p} and ${o} overlap`)
    const shared = [...inputs.keys()].filter((i) => inputs[i] !== null && overlap(y, inputs[i]!))
    if (shared.length > 1) found.push(`output ${o} overlaps inputs ${shared.join()}`)
    for (const i of shared) {
      const x = inputs[i]!
      const allowed =
        kernel === 'elementwise' ? sameShape(x.shape, y.shape) : inPlace[kernel]?.some(([p, j]) => p === o && j === i)
      const same = x.offset === y.offset && bytesOfRef(x) === bytesOfRef(y) && x.dtype === y.dtype
      if (!allowed || !same) found.push(`output ${o} may not be over input ${i}`)
    }
  })
  return found
}
