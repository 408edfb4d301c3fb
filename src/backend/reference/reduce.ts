import { broadcastIndices, type Kernel, read, rowsAndColumns, write } from './view.ts'

/** y[place] ← y[place] ⊕ x[i] for every i, where an axis of y that is 1 takes in the whole axis of x. */
function reduce(start: number, join: (soFar: number, x: number) => number): Kernel {
  return ([x], [y]) => {
    const values = read(x)
    const result = new Float64Array(y.elements.length).fill(start)
    const place = broadcastIndices(y.shape, x.shape)
    for (let i = 0; i < values.length; i++) result[place[i]] = join(result[place[i]], values[i])
    write(y, result)
  }
}

/** Sum over the axes that became 1. */
export const sum = reduce(0, (soFar, x) => soFar + x)

/** Maximum over the axes that became 1. */
export const max = reduce(Number.NEGATIVE_INFINITY, Math.max)

/** Σ x², a scalar. */
export const sumSquares: Kernel = ([x], [y]) => {
  let total = 0
  for (const value of read(x)) total += value * value
  write(y, Float64Array.of(total))
}

/** x [rows, C] → y [rows]: the index of the first greatest element of a row. */
export const argmax: Kernel = ([x], [y]) => {
  const values = read(x)
  const [rows, C] = rowsAndColumns(x.shape)
  const result = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    for (let c = 1; c < C; c++) {
      if (values[row * C + c] > values[row * C + result[row]]) result[row] = c
    }
  }
  write(y, result)
}
