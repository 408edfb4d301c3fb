import {
  BackendError,
  byteLength,
  type DType,
  type Elements,
  elementsOver,
  fromBf16Bits,
  fromHalf,
  isPacked,
  type Shape,
  shapeText,
  sizeOf,
  toBf16Bits,
  toHalf,
} from '../../base/index.ts'
import { fromPanels, unpackRows } from '../../packing/index.ts'
import type { Attribute, BufferRef } from '../contract.ts'

/**
 * A value as reference kernels see it. Beside the dtypes of programs there is f64, so that tests can ask a kernel for
 * its result before it is rounded, and take differences of it.
 */
export interface View {
  readonly shape: Shape
  readonly dtype: DType | 'f64'
  readonly elements: Elements | Float64Array
  /** The same numbers before they were rounded, where the backend keeps them (`referenceBackend({ double: true })`). */
  readonly unrounded?: Float64Array
}

/**
 * The definition of one kernel. It reads all inputs before it writes any output (`read` copies), so that an output may
 * be the same memory as an input.
 */
export type Kernel = (inputs: readonly View[], outputs: readonly View[], attributes: readonly Attribute[]) => void

/** Stands for an optional buffer that is not there. */
export const absent: View = { shape: [0], dtype: 'f64', elements: new Float64Array(0) }

/** A view of `ref` in the memory of its segment; `unrounded` holds a double for every four bytes of it. */
export function viewOf(memory: ArrayBuffer, { shape, dtype, offset }: BufferRef, unrounded?: Float64Array): View {
  const end = offset + byteLength(dtype, shape)
  if (offset % 64 !== 0 || end > memory.byteLength) {
    throw new BackendError(
      `reference: a ${dtype} ${shapeText(shape)} at byte ${offset} must start at a multiple of 64 and end within ` +
        `the ${memory.byteLength} bytes of its segment; it ends at ${end}`,
    )
  }
  const elements = elementsOver(dtype, shape, memory, offset)
  if (unrounded === undefined || dtype !== 'f32') return { shape, dtype, elements }
  return { shape, dtype, elements, unrounded: unrounded.subarray(offset / 4, offset / 4 + elements.length) }
}

/** A fresh f64 value; holds `values` when given, zeros otherwise. */
export function f64View(shape: Shape, values?: ArrayLike<number>): View {
  return { shape, dtype: 'f64', elements: values ? Float64Array.from(values) : new Float64Array(sizeOf(shape)) }
}

/** The numbers of a view, copied to f64; of a packed one those that its codes stand for. */
export function read(view: View): Float64Array {
  if (view === absent) throw new BackendError('reference: a buffer that the kernel needs is absent')
  const { elements, unrounded } = view
  // A double counts only while the memory beside it holds its rounding: bytes may have been written over it since.
  if (unrounded) return unrounded.map((value, i) => (Object.is(Math.fround(value), elements[i]) ? value : elements[i]))
  if (view.dtype === 'bf16') return Float64Array.from(elements, fromBf16Bits)
  if (view.dtype === 'f16') return Float64Array.from(elements, fromHalf)
  if (view.dtype !== 'f64' && isPacked(view.dtype)) {
    const [rows, columns] = rowsAndColumns(view.shape)
    if (rows * columns === 0) return new Float64Array(0)
    return Float64Array.from(
      unpackRows(view.dtype, fromPanels(view.dtype, elements as Uint8Array, [rows, columns]), columns),
    )
  }
  return Float64Array.from(elements)
}

/** Rounds numbers to the view's dtype and stores them: floats to nearest, integers towards zero. */
export function write(view: View, values: Float64Array): void {
  if (view === absent) throw new BackendError('reference: a buffer that the kernel writes is absent')
  if (view.dtype === 'bf16') view.elements.set(values.map(toBf16Bits))
  else if (view.dtype === 'f16') view.elements.set(values.map(toHalf))
  else view.elements.set(values)
  view.unrounded?.set(values)
}

/** The nearest bf16 number, ties to even. */
export function roundToBf16(value: number): number {
  return fromBf16Bits(toBf16Bits(value))
}

/** The numbers of an operand of a matrix product: rounded to bf16 when `precision` is 1. */
export function readOperand(view: View, precision: number): Float64Array {
  const values = read(view)
  return precision === 1 ? values.map(roundToBf16) : values
}

/** Last axis, and how many rows of it there are. A scalar is one row of one. */
export function rowsAndColumns(shape: Shape): [rows: number, columns: number] {
  const columns = shape.length === 0 ? 1 : shape[shape.length - 1]
  return [columns === 0 ? 0 : sizeOf(shape) / columns, columns]
}

/**
 * For every element of `target`, in order, the index of the element of `source` that it is broadcast from.
 *
 * @example
 * broadcastIndices([3], [2, 3]) // [0, 1, 2, 0, 1, 2]
 */
export function broadcastIndices(source: Shape, target: Shape): Int32Array {
  const strides = new Array<number>(target.length).fill(0)
  let stride = 1
  for (let i = 1; i <= source.length; i++) {
    const axis = source[source.length - i]
    if (axis !== 1) strides[target.length - i] = stride
    stride *= axis
  }
  return stridedIndices(target, strides)
}

/** For every place of `shape`, in order, the sum of its coordinates times `strides`, plus `start`. */
export function stridedIndices(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let indices = Int32Array.of(start)
  for (let axis = 0; axis < shape.length; axis++) {
    const next = new Int32Array(indices.length * shape[axis])
    for (let i = 0; i < next.length; i++) {
      next[i] = indices[Math.floor(i / shape[axis])] + (i % shape[axis]) * strides[axis]
    }
    indices = next
  }
  return indices
}

/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  return strides
}
