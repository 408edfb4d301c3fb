import { BackendError, dtypes, shapeText } from '../../base/index.ts'
import type { BufferRef, KernelCall } from '../contract.ts'

const absent = [-1, 0, 0, 0]

/**
 * Writes calls as the flat list of numbers that kernels/cpu/program.cc decodes: the number of calls; per call kernel,
 * counts of inputs, outputs and attributes, the buffers, the attributes; per buffer segment (-1 when absent), offset in
 * bytes, dtype, rank and one size per axis.
 *
 * @param kernels names in the order of their numbers, `''` for one that the build lacks
 * @throws BackendError when a kernel is unknown
 * @example
 * const y = { segment: 0, offset: 64, dtype: 'f32', shape: [16] }
 * encode([{ kernel: 'fill', inputs: [], outputs: [y], attributes: [2] }], ['elementwise', 'fill'])
 * // [1, 1, 0, 1, 1, 0, 64, 0, 1, 16, 2]; one call: 1, 0, 1, 1 its head, 0, 64, 0, 1, 16 is y, 2 the attribute
 */
export function encode(calls: readonly KernelCall[], kernels: readonly string[]): Float64Array {
  const words: number[] = [calls.length]
  for (const call of calls) {
    const id = kernels.indexOf(call.kernel)
    if (!call.kernel || id < 0) {
      throw new BackendError(
        `load: there is no kernel "${call.kernel}"; there are ${kernels.filter(Boolean).join(', ')}`,
      )
    }
    const attributes = call.attributes.flatMap((value) =>
      typeof value === 'number' ? value : [value.length, ...value],
    )
    words.push(id, call.inputs.length, call.outputs.length, attributes.length)
    for (const buffer of call.inputs) pushBuffer(words, buffer)
    for (const buffer of call.outputs) pushBuffer(words, buffer)
    words.push(...attributes)
  }
  return Float64Array.from(words)
}

function pushBuffer(words: number[], buffer: BufferRef | null) {
  if (!buffer) words.push(...absent)
  else words.push(buffer.segment, buffer.offset, dtypes.indexOf(buffer.dtype), buffer.shape.length, ...buffer.shape)
}

/** The runtime's refusal `INDEX: why` as an error that shows the call in question. */
export function refusal(message: string, calls: readonly KernelCall[]): BackendError {
  const [, index, why] = /^(-?\d+): (.*)$/.exec(message) ?? [undefined, '-1', message]
  const call = calls[Number(index)]
  if (!call) return new BackendError(`load: ${why}`)
  const show = (buffer: BufferRef | null) =>
    buffer ? `${buffer.dtype}${shapeText(buffer.shape)} at ${buffer.segment}:${buffer.offset}` : 'absent'
  const buffers = `inputs ${call.inputs.map(show).join(', ') || 'none'}; outputs ${call.outputs.map(show).join(', ')}`
  return new BackendError(`load: call ${index} (${call.kernel}): ${why}; it has ${buffers}`)
}
