import { absent, type Kernel, read, readOperand, write } from './view.ts'

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

/** A row's loss, and what of it is cross-entropy. */
function lossOf(logits: Float64Array, logTotal: number, target: number, smoothing: number, zLoss: number) {
  const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length
  return {
    loss: logTotal - (1 - smoothing) * logits[target] - smoothing * mean + zLoss * logTotal ** 2,
    nats: logTotal - logits[target],
  }
}

/**
 * x [N, C], w [V, C], targets [N] → losses [N] = lse − (1 − ε)·logits[target] − ε·mean(logits) + z·lse², nats [N] =
 * lse − logits[target]; 0 where target < 0.
 */
export const linearCrossEntropy: Kernel = ([x, w, targets], [losses, , nats = absent], attributes) => {
  const [smoothing, zLoss, precision] = attributes as number[]
  const [N, C] = x.shape
  const [V] = w.shape
  const rows = readOperand(x, precision)
  const table = readOperand(w, precision)
  const target = read(targets)
  const result = new Float64Array(N)
  const plain = new Float64Array(N)
  for (let n = 0; n < N; n++) {
    if (target[n] < 0) continue
    const { logits, logTotal } = logitsOf(rows, table, n, V, C)
    const found = lossOf(logits, logTotal, target[n], smoothing, zLoss)
    result[n] = found.loss
    plain[n] = found.nats
  }
  write(losses, result)
  if (nats !== absent) write(nats, plain)
}

/** x, w, targets, dlosses [N] → losses [N], dx [N, C], dw [V, C] of Σ dlosses·losses, nats [N]. */
export const linearCrossEntropyBackward: Kernel = (
  [x, w, targets, dlosses],
  [losses, dx, dw, , nats = absent],
  attributes,
) => {
  const [smoothing, zLoss, precision] = attributes as number[]
  const [N, C] = x.shape
  const [V] = w.shape
  const rows = readOperand(x, precision)
  const table = readOperand(w, precision)
  const target = read(targets)
  const gradient = read(dlosses)
  const result = new Float64Array(N)
  const plain = new Float64Array(N)
  const rowGradient = new Float64Array(N * C)
  const tableGradient = new Float64Array(V * C)
  for (let n = 0; n < N; n++) {
    if (target[n] < 0) continue
    const { logits, logTotal } = logitsOf(rows, table, n, V, C)
    const found = lossOf(logits, logTotal, target[n], smoothing, zLoss)
    result[n] = found.loss
    plain[n] = found.nats
    for (let v = 0; v < V; v++) {
      const chance = Math.exp(logits[v] - logTotal) * (1 + 2 * zLoss * logTotal)
      const wanted = (v === target[n] ? 1 - smoothing : 0) + smoothing / V
      const dlogit = gradient[n] * (chance - wanted)
      for (let c = 0; c < C; c++) {
        rowGradient[n * C + c] += dlogit * table[v * C + c]
        tableGradient[v * C + c] += dlogit * rows[n * C + c]
      }
    }
  }
  write(losses, result)
  write(dx, rowGradient)
  write(dw, tableGradient)
  if (nats !== absent) write(nats, plain)
}
