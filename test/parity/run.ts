import type { Backend, BufferRef, KernelCall } from '../../src/backend/index.ts'
import { absent, f64View, kernels, type View } from '../../src/backend/reference/index.ts'
import {
  BackendError,
  byteLength,
  isPacked,
  newElements,
  random,
  sizeOf,
  toBf16Bits,
  toHalf,
} from '../../src/base/index.ts'
import type { ExactCall, ParityCase, Result } from './case.ts'

const guardByte = 0xa5
const alignment = 64

/** Output bytes before a run: NaN in every float, −1 in every integer, so that an element left out is seen. */
const unwrittenByte = 0xff

/** A case with its input bytes, the reference's answer and the bounds; made once and used for every backend. */
export interface PreparedCase {
  readonly case: ParityCase
  readonly inputs: readonly (Uint8Array | null)[]
  readonly exact: ExactCall
  readonly bounds: ReturnType<ParityCase['bound']>
}

/** Fills the inputs (seeded by the case's name), stores them in their dtypes, and asks the reference. */
export function prepare(parityCase: ParityCase): PreparedCase {
  const rng = random(Array.from(parityCase.name).reduce((seed, c) => (seed * 31 + c.charCodeAt(0)) % 2 ** 32, 7))
  const bytes: (Uint8Array | null)[] = []
  const views: View[] = []
  for (const input of parityCase.inputs) {
    if (!input) {
      bytes.push(null)
      views.push(absent)
      continue
    }
    const size = sizeOf(input.shape)
    const elements = newElements(input.dtype, input.shape)
    const numbers = Float64Array.from(input.fill(rng, size, views))
    const bits = { bf16: toBf16Bits, f16: toHalf }[input.dtype as string]
    elements.set(bits ? numbers.map(bits) : numbers)
    bytes.push(new Uint8Array(elements.buffer))
    views.push({ shape: input.shape, dtype: input.dtype, elements })
  }
  const outputs = parityCase.outputs.map((output) => (output ? emptyView(output) : absent))
  const exact = { inputs: views, outputs, attributes: parityCase.attributes }
  const kernel = kernels.get(parityCase.kernel)
  if (!kernel) throw new BackendError(`parity: the reference has no kernel "${parityCase.kernel}"`)
  kernel(views, outputs, parityCase.attributes)
  return { case: parityCase, inputs: bytes, exact, bounds: parityCase.bound(exact) }
}

/** Where the reference puts an output: numbers that are not rounded, or the bytes of a packed matrix. */
function emptyView({ shape, dtype }: Result): View {
  if (!isPacked(dtype)) return f64View(shape)
  return { shape, dtype, elements: newElements(dtype, shape).fill(unwrittenByte) }
}

/**
 * Runs a prepared case on a backend. Inputs lie in one segment, outputs in another, each between guards.
 *
 * @returns the bytes of every output
 * @throws BackendError when the kernel wrote outside its outputs
 */
export async function run(
  { case: parityCase, inputs }: PreparedCase,
  backend: Backend,
): Promise<(Uint8Array | null)[]> {
  const aliases = new Map(parityCase.aliases)
  const inputPlaces = place(0, parityCase.inputs)
  const outputPlaces = place(
    1,
    parityCase.outputs.map((output, j) => (aliases.has(j) ? null : output)),
  )
  const images = [inputPlaces, outputPlaces].map(({ bytes }) => new Uint8Array(bytes).fill(guardByte))
  inputPlaces.refs.forEach((ref, i) => {
    if (ref) images[0].set(inputs[i]!, ref.offset)
  })
  for (const ref of outputPlaces.refs) if (ref) images[1].fill(unwrittenByte, ref.offset, ref.offset + lengthOf(ref))

  const outputs = parityCase.outputs.map((output, j) => {
    const shared = aliases.has(j) ? inputPlaces.refs[aliases.get(j)!] : null
    return shared && output ? { ...shared, shape: output.shape, dtype: output.dtype } : outputPlaces.refs[j]
  })
  const call: KernelCall = {
    kernel: parityCase.kernel,
    inputs: inputPlaces.refs,
    outputs,
    attributes: parityCase.attributes,
  }
  const segments = images.map((image) => backend.allocate(image.length))
  images.forEach((image, i) => {
    segments[i].write(0, image)
  })
  const executable = backend.load([call], segments)
  try {
    await executable.run()
    const after = await Promise.all(segments.map((segment) => segment.read(0, segment.bytes)))
    checkUntouched(parityCase, images, after, outputs)
    return outputs.map((ref) => ref && after[ref.segment].slice(ref.offset, ref.offset + lengthOf(ref)))
  } finally {
    executable.release()
    for (const segment of segments) segment.release()
  }
}

/** Where buffers lie in a segment: aligned, with a guard before, between and after. */
function place(segment: number, buffers: readonly (Result | null)[]): { refs: (BufferRef | null)[]; bytes: number } {
  let offset = alignment
  const refs = buffers.map((buffer) => {
    if (!buffer) return null
    const ref = { segment, offset, shape: buffer.shape, dtype: buffer.dtype }
    offset += (Math.ceil(lengthOf(ref) / alignment) + 1) * alignment
    return ref
  })
  return { refs, bytes: offset }
}

function lengthOf({ shape, dtype }: Result): number {
  return byteLength(dtype, shape)
}

function checkUntouched(
  { name }: ParityCase,
  before: readonly Uint8Array[],
  after: readonly Uint8Array[],
  outputs: readonly (BufferRef | null)[],
): void {
  before.forEach((image, segment) => {
    const expected = image.slice()
    for (const ref of outputs) {
      if (ref?.segment !== segment) continue
      const end = ref.offset + lengthOf(ref)
      expected.set(after[segment].subarray(ref.offset, end), ref.offset)
    }
    const at = firstDifference(expected, after[segment])
    if (at >= 0) {
      throw new BackendError(
        `${name}: the kernel wrote outside its outputs, at byte ${at} of the ${segment ? 'outputs' : 'inputs'}; ` +
          `outputs are ${JSON.stringify(outputs)}`,
      )
    }
  })
}

/** Where two runs of bytes of one length part, or −1. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b) === 0 ? -1 : a.findIndex((byte, i) => byte !== b[i])
}
