import { read } from '../../src/backend/reference/index.ts'
import {
  type DType,
  elementsOver,
  fromBf16Bits,
  isPacked,
  type Shape,
  shapeText,
  sizeOf,
  toBf16Bits,
} from '../../src/base/index.ts'
import { tiny, u, uBf16 } from './bound.ts'
import type { Result } from './case.ts'
import type { PreparedCase } from './run.ts'

/** The worst element of an output: how much of the allowed error it uses, and a line that says so. */
export interface Verdict {
  readonly ratio: number
  readonly message: string
}

/** Holds output bytes against the reference. One verdict per output that is compared. */
export function judge(
  { case: parityCase, exact, bounds }: PreparedCase,
  outputs: readonly (Uint8Array | null)[],
): Verdict[] {
  const verdicts: Verdict[] = []
  parityCase.outputs.forEach((output, j) => {
    const bound = bounds[j]
    if (!output || bound === 'ignore') return
    const got = numbersOf(output, outputs[j]!)
    const expected = isPacked(output.dtype) ? Float64Array.from(exact.outputs[j].elements) : read(exact.outputs[j])
    let worst = { ratio: 0, at: 0, allowed: 0 }
    let failures = 0
    for (let i = 0; i < expected.length; i++) {
      const allowed = bound === 'exact' ? 0 : bound[i] + storageError(output.dtype, expected[i])
      const ratio = ratioOf(expected[i], got[i], output.dtype, allowed)
      if (!(ratio <= 1)) failures++
      if (!(ratio <= worst.ratio)) worst = { ratio, at: i, allowed }
    }
    const { ratio, at, allowed } = worst
    const message =
      `${parityCase.name}, output ${j} ${output.dtype} ${shapeText(output.shape)}: worst ratio ${ratio.toPrecision(3)} ` +
      `at ${shapeText(coordinates(at, output.shape))}: expected ${expected[at]}, got ${got[at]}, off by ` +
      `${Math.abs(got[at] - expected[at])}, allowed ${allowed}; ${failures} of ${expected.length} elements fail`
    verdicts.push({ ratio, message })
  })
  return verdicts
}

/** |got − expected| over what is allowed; infinite where no closeness counts. */
function ratioOf(expected: number, got: number, dtype: DType, allowed: number): number {
  const stored = round(expected, dtype)
  if (stored === got || (Number.isNaN(stored) && Number.isNaN(got))) return 0
  if (!Number.isFinite(stored) || !Number.isFinite(got) || allowed === 0) return Number.POSITIVE_INFINITY
  return Math.abs(got - expected) / allowed
}

/** What storing may add: half a unit in the last place, and the flush of what is below the normal range. */
function storageError(dtype: DType, value: number): number {
  if (dtype === 'f32') return u * Math.abs(value) + tiny
  if (dtype === 'bf16') return uBf16 * Math.abs(value) + tiny
  return 0
}

function round(value: number, dtype: DType): number {
  if (dtype === 'f32') return Math.fround(value)
  if (dtype === 'bf16') return fromBf16Bits(toBf16Bits(value))
  return Math.trunc(value)
}

function numbersOf({ dtype, shape }: Result, bytes: Uint8Array): Float64Array {
  const elements = elementsOver(dtype, shape, bytes.buffer, bytes.byteOffset)
  return dtype === 'bf16' ? Float64Array.from(elements, fromBf16Bits) : Float64Array.from(elements)
}

function coordinates(index: number, shape: Shape): number[] {
  return shape.map((axis, i) => Math.floor(index / sizeOf(shape.slice(i + 1))) % axis)
}
