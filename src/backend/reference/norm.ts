import { absent, type Kernel, read, rowsAndColumns, write } from './view.ts'

/** x […, C], gain [C], bias? [C] → y = (x − mean)/√(var + epsilon)·gain + bias. Source: Ba 2016, §3. */
export const layerNorm: Kernel = ([x, gain, bias = absent], [y], [epsilon]) => {
  const [rows, C] = rowsAndColumns(x.shape)
  const g = read(gain)
  const b = bias === absent ? new Float64Array(C) : read(bias)
  const values = read(x)
  for (let row = 0; row < rows; row++) {
    const xs = values.subarray(row * C, (row + 1) * C)
    const { mean, scale } = center(xs, epsilon as number)
    for (let c = 0; c < C; c++) xs[c] = (xs[c] - mean) * scale * g[c] + b[c]
  }
  write(y, values)
}

/** x, gain, dy, residual? → dx (residual added), dgain? [C], dbias? [C]. */
export const layerNormBackward: Kernel = (
  [x, gain, dy, residual = absent],
  [dx, dgain = absent, dbias = absent],
  [epsilon],
) => {
  const [rows, C] = rowsAndColumns(x.shape)
  const g = read(gain)
  const values = read(x)
  const gradient = read(dy)
  const result = residual === absent ? new Float64Array(values.length) : read(residual)
  const gainSum = new Float64Array(C)
  const biasSum = new Float64Array(C)
  for (let row = 0; row < rows; row++) {
    const xs = values.subarray(row * C, (row + 1) * C)
    const dys = gradient.subarray(row * C, (row + 1) * C)
    const { mean, scale } = center(xs, epsilon as number)
    const normal = xs.map((value) => (value - mean) * scale)
    // d(loss)/d(normal), its mean, and its mean along the direction in which the norm removes length
    const dnormal = dys.map((value, c) => value * g[c])
    const along = dot(dnormal, normal) / C
    const level = dot(dnormal, ones(C)) / C
    for (let c = 0; c < C; c++) {
      result[row * C + c] += scale * (dnormal[c] - level - normal[c] * along)
      gainSum[c] += dys[c] * normal[c]
      biasSum[c] += dys[c]
    }
  }
  write(dx, result)
  if (dgain !== absent) write(dgain, gainSum)
  if (dbias !== absent) write(dbias, biasSum)
}

/** x […, C], gain [C] → y = x/√(mean x² + epsilon)·gain. Source: Zhang & Sennrich 2019, §3. */
export const rmsNorm: Kernel = ([x, gain], [y], [epsilon]) => {
  const [rows, C] = rowsAndColumns(x.shape)
  const g = read(gain)
  const values = read(x)
  for (let row = 0; row < rows; row++) {
    const xs = values.subarray(row * C, (row + 1) * C)
    const scale = 1 / Math.sqrt(dot(xs, xs) / C + (epsilon as number))
    for (let c = 0; c < C; c++) xs[c] *= scale * g[c]
  }
  write(y, values)
}

/** x, gain, dy, residual? → dx (residual added), dgain? [C]. */
export const rmsNormBackward: Kernel = ([x, gain, dy, residual = absent], [dx, dgain = absent], [epsilon]) => {
  const [rows, C] = rowsAndColumns(x.shape)
  const g = read(gain)
  const values = read(x)
  const gradient = read(dy)
  const result = residual === absent ? new Float64Array(values.length) : read(residual)
  const gainSum = new Float64Array(C)
  for (let row = 0; row < rows; row++) {
    const xs = values.subarray(row * C, (row + 1) * C)
    const dys = gradient.subarray(row * C, (row + 1) * C)
    const scale = 1 / Math.sqrt(dot(xs, xs) / C + (epsilon as number))
    const normal = xs.map((value) => value * scale)
    const dnormal = dys.map((value, c) => value * g[c])
    const along = dot(dnormal, normal) / C
    for (let c = 0; c < C; c++) {
      result[row * C + c] += scale * (dnormal[c] - normal[c] * along)
      gainSum[c] += dys[c] * normal[c]
    }
  }
  write(dx, result)
  if (dgain !== absent) write(dgain, gainSum)
}

/** Mean of a row, and 1/√(var + epsilon) with the biased variance. */
function center(xs: Float64Array, epsilon: number): { mean: number; scale: number } {
  const mean = dot(xs, ones(xs.length)) / xs.length
  const deviations = xs.map((value) => value - mean)
  return { mean, scale: 1 / Math.sqrt(dot(deviations, deviations) / xs.length + epsilon) }
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0)
}

function ones(size: number): Float64Array {
  return new Float64Array(size).fill(1)
}
