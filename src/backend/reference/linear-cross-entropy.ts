import { type Kernel, read, readOperand, write } from './view.ts'

// Backends keep R rows of logits in `scratch`; here one row at a time exists, and scratch is left alone.

/** logits [V] of row n: w [V, C] · x[n] [C], and ln Σ exp of them. */
function logitsOf(x: Float64Array, w: Float64Array, n: number, V: number, C: number) {
  const logits = new Float64Array(V)
  for (let v = 0; v < V; v++) {
    for (let c = 0; c < C; c++) logits[v] += x[n * C + c] * w[v * C + c]
  }
  const greatest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  let total = 0
  for (const logit of logits) total += Math.exp(logit - greatest)
  return { logits, logTotal: greatest + Math.log(total) }
}

/** x [N, C], w [V, C], targets [N] → losses [N] = logsumexp(w·x[n]) − w[target]·x[n]; 0 where target < 0. */
export const linearCrossEntropy: Kernel = ([x, w, targets], [losses], [precision]) => {
  const [N, C] = x.shape
  const [V] = w.shape
  const rows = readOperand(x, precision as number)
  const table = readOperand(w, precision as number)
  const target = read(targets)
  const result = new Float64Array(N)
  for (let n = 0; n < N; n++) {
    if (target[n] < 0) continue
    const { logits, logTotal } = logitsOf(rows, table, n, V, C)
    result[n] = logTotal - logits[target[n]]
  }
  write(losses, result)
}

/** x, w, targets, dlosses [N] → losses [N], dx [N, C], dw [V, C] of Σ dlosses·losses. */
export const linearCrossEntropyBackward: Kernel = ([x, w, targets, dlosses], [losses, dx, dw], [precision]) => {
  const [N, C] = x.shape
  const [V] = w.shape
  const rows = readOperand(x, precision as number)
  const table = readOperand(w, precision as number)
  const target = read(targets)
  const gradient = read(dlosses)
  const result = new Float64Array(N)
  const rowGradient = new Float64Array(N * C)
  const tableGradient = new Float64Array(V * C)
  for (let n = 0; n < N; n++) {
    if (target[n] < 0) continue
    const { logits, logTotal } = logitsOf(rows, table, n, V, C)
    result[n] = logTotal - logits[target[n]]
    for (let v = 0; v < V; v++) {
      const dlogit = gradient[n] * (Math.exp(logits[v] - logTotal) - (v === target[n] ? 1 : 0))
      for (let c = 0; c < C; c++) {
        rowGradient[n * C + c] += dlogit * table[v * C + c]
        tableGradient[v * C + c] += dlogit * rows[n * C + c]
      }
    }
  }
  write(losses, result)
  write(dx, rowGradient)
  write(dw, tableGradient)
}
