import { absent, read, type View } from '../../src/backend/reference/index.ts'
import { isPacked, newElements, toBf16Bits } from '../../src/base/index.ts'
import type { Result } from './case.ts'
import type { PreparedCase } from './run.ts'

// A bound that lets everything through would be no check: one slightly wrong element must be refused.

/** Part of the greatest element by which a result is spoilt. */
const wrong = 1 / 16

/**
 * For each output that is compared, the reference's own outputs with the greatest element of that one changed a little.
 * Outputs that hold nothing but zeros or flushable numbers are left out.
 */
export function spoiltOutputs(prepared: PreparedCase): (Uint8Array | null)[][] {
  const { case: parityCase, exact, bounds } = prepared
  if (parityCase.hopeless) return []
  return exact.outputs.flatMap((output, j) => {
    const declared = parityCase.outputs[j]
    if (!declared || bounds[j] === 'ignore' || output.elements.length === 0) return []
    const at = greatest(output)
    const value = output.elements[at]
    const step = declared.dtype === 'f32' || declared.dtype === 'bf16' ? -wrong * value : 1
    if (!(Math.abs(step) > 2 ** -120 && Math.abs(value) < 2 ** 127)) return []
    return [
      parityCase.outputs.map((one, i) => {
        if (!one || exact.outputs[i] === absent) return null
        const numbers = isPacked(one.dtype) ? Float64Array.from(exact.outputs[i].elements) : read(exact.outputs[i])
        if (i === j) numbers[at] += step
        return store(numbers, one)
      }),
    ]
  })
}

function store(numbers: Float64Array, { dtype }: Result): Uint8Array {
  if (isPacked(dtype)) return Uint8Array.from(numbers)
  const elements = newElements(dtype, [numbers.length])
  elements.set(dtype === 'bf16' ? numbers.map(toBf16Bits) : numbers)
  return new Uint8Array(elements.buffer)
}

/** Index of the greatest magnitude that f32 can hold. */
function greatest({ elements }: View): number {
  let best = 0
  for (let i = 0; i < elements.length; i++) {
    const size = Math.abs(elements[i])
    if (size < 2 ** 127 && !(size <= Math.abs(elements[best]) && Math.abs(elements[best]) < 2 ** 127)) best = i
  }
  return best
}
