import { type Kernel, read, rowsAndColumns, write } from './view.ts'

/** x […, C] → y: exp(x) / Σ exp(x) over the last axis. */
export const softmax: Kernel = ([x], [y]) => {
  const values = read(x)
  const [rows, C] = rowsAndColumns(x.shape)
  for (let row = 0; row < rows; row++) {
    const scores = values.subarray(row * C, (row + 1) * C)
    const greatest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    let total = 0
    for (const score of scores) total += Math.exp(score - greatest)
    for (let c = 0; c < C; c++) scores[c] = Math.exp(scores[c] - greatest) / total
  }
  write(y, values)
}

/** y, dy […, C] → dx = y·(dy − Σ y·dy). */
export const softmaxBackward: Kernel = ([y, dy], [dx]) => {
  const weights = read(y)
  const gradient = read(dy)
  const [rows, C] = rowsAndColumns(y.shape)
  for (let row = 0; row < rows; row++) {
    let mean = 0
    for (let i = row * C; i < (row + 1) * C; i++) mean += weights[i] * gradient[i]
    for (let i = row * C; i < (row + 1) * C; i++) gradient[i] = weights[i] * (gradient[i] - mean)
  }
  write(dx, gradient)
}
