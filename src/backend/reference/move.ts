import { type Kernel, read, stridedIndices, stridesOf, write } from './view.ts'

// Kernels that only move elements: the result is exact in every dtype.

/** y's axis i is x's axis axes[i]. */
export const transpose: Kernel = ([x], [y], [axes]) => {
  const values = read(x)
  const strides = stridesOf(x.shape)
  const from = stridedIndices(
    y.shape,
    (axes as readonly number[]).map((axis) => strides[axis]),
  )
  write(
    y,
    Float64Array.from(from, (index) => values[index]),
  )
}

/** y's size along `axis` elements of x, from `start`. */
export const slice: Kernel = ([x], [y], [axis, start]) => {
  const values = read(x)
  const strides = stridesOf(x.shape)
  const from = stridedIndices(y.shape, strides, (start as number) * strides[axis as number])
  write(
    y,
    Float64Array.from(from, (index) => values[index]),
  )
}

/** Zeros, with x placed at `start` along `axis`. */
export const pad: Kernel = ([x], [y], [axis, start]) => {
  const strides = stridesOf(y.shape)
  const to = stridedIndices(x.shape, strides, (start as number) * strides[axis as number])
  const result = new Float64Array(y.elements.length)
  read(x).forEach((value, i) => {
    result[to[i]] = value
  })
  write(y, result)
}

/** The inputs one after another along `axis`. */
export const concat: Kernel = (inputs, [y], [axis]) => {
  const strides = stridesOf(y.shape)
  const result = new Float64Array(y.elements.length)
  let start = 0
  for (const x of inputs) {
    const to = stridedIndices(x.shape, strides, start * strides[axis as number])
    read(x).forEach((value, i) => {
      result[to[i]] = value
    })
    start += x.shape[axis as number]
  }
  write(y, result)
}
