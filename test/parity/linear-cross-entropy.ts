import { read } from '../../src/backend/reference/index.ts'
import { dots, elementary, gamma, operand, u, uBf16 } from './bound.ts'
import { type Bound, type Fill, f32, i32, integers, normal, type ParityCase, result, values } from './case.ts'

/**
 * A logit is off by gamma(C) of its magnitude. logsumexp is off by the greatest of these and the sum of V terms; so is a
 * probability, relatively. A gradient of a logit, (p − 1[target])·dloss, enters sums over V and over N; with precision 1
 * it may be rounded to bf16 there. Label smoothing adds a mean of V distances from the greatest logit; z-loss multiplies
 * by lse, whose error then counts once more.
 */
const bound: Bound = ({ inputs: [x, w, targets, dlosses], attributes }) => {
  const [smoothing, zLoss, precision] = attributes as number[]
  const [N, C] = x.shape
  const [V] = w.shape
  const [xs, ws] = [x, w].map((view) => operand(view, precision))
  const target = read(targets)
  const scales = dlosses ? read(dlosses) : new Float64Array(N)
  const lossError = new Float64Array(N)
  const natsError = new Float64Array(N)
  const dx = new Float64Array(N * C)
  const dw = new Float64Array(V * C)
  for (let n = 0; n < N; n++) {
    if (target[n] < 0) continue
    const logits = new Float64Array(V)
    const logitError = new Float64Array(V)
    for (let v = 0; v < V; v++) {
      const [sum, magnitude] = dots(xs, n * C, ws, v * C, C)
      logits[v] = sum
      logitError[v] = gamma(C + 1) * magnitude
    }
    const greatest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    const logTotal = greatest + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - greatest), 0))
    const worst = logitError.reduce((a, b) => Math.max(a, b), 0)
    const distance = u * Math.min(104, greatest - logits.reduce((a, b) => Math.min(a, b), greatest))
    const totalError = worst + distance + gamma(V) + elementary * (1 + Math.log(V)) + 2 * u * Math.abs(greatest) + u
    const picked = logits[target[n]]
    natsError[n] = totalError + logitError[target[n]] + 2 * u * (Math.abs(logTotal) + Math.abs(picked))
    // Each distance is off by its logit, the greatest and a rounding; the sum of V of them by gamma(V).
    const meanDistance = logits.reduce((sum, logit) => sum + greatest - logit, 0) / V
    const meanError = 2 * worst + (gamma(V) + 5 * u) * (meanDistance + greatest - picked)
    const zFactor = 2 * zLoss * Math.abs(logTotal)
    const zError = zFactor * totalError + zLoss * totalError ** 2 + 4 * u * zLoss * logTotal ** 2
    const size = Math.abs(logTotal - picked) + smoothing * meanDistance + zLoss * logTotal ** 2
    lossError[n] = natsError[n] + smoothing * meanError + zError + (smoothing || zLoss ? 3 * u * size : 0)
    if (!dlosses) continue
    for (let v = 0; v < V; v++) {
      const p = Math.exp(logits[v] - logTotal)
      const pError = p * (logitError[v] + totalError + 2 * elementary + u * (Math.abs(logits[v]) + Math.abs(logTotal)))
      const rise = 1 + 2 * zLoss * logTotal
      const riseError = 2 * zLoss * totalError + 3 * u * (1 + zFactor)
      const wanted = (v === target[n] ? 1 - smoothing : 0) + smoothing / V
      const dlogit = Math.abs(scales[n] * (p * rise - wanted))
      const zPart = zLoss ? p * riseError + u * p * Math.abs(rise) : 0
      const smoothPart = smoothing ? 4 * u * (p * Math.abs(rise) + wanted) : 0
      const chanceError = pError * Math.abs(rise) + zPart + smoothPart
      const error = Math.abs(scales[n]) * chanceError + dlogit * (3 * u + (precision ? uBf16 : 0))
      for (let c = 0; c < C; c++) {
        dx[n * C + c] += (error + gamma(V + 1) * dlogit) * Math.abs(ws[v * C + c])
        dw[v * C + c] += (error + gamma(N + 1) * dlogit) * Math.abs(xs[n * C + c])
      }
    }
  }
  return dlosses ? [lossError, dx, dw, 'ignore', natsError] : [lossError, 'ignore', natsError]
}

interface Setup {
  readonly N: number
  readonly C: number
  readonly V: number
  readonly R: number
  readonly precision?: 0 | 1
  readonly smoothing?: number
  readonly zLoss?: number
  readonly targets?: Fill
  readonly fill?: Fill
  readonly note?: string
}

function crossEntropyCases({
  N,
  C,
  V,
  R,
  precision = 0,
  smoothing = 0,
  zLoss = 0,
  targets = integers(0, V),
  fill,
  note = '',
}: Setup): ParityCase[] {
  const additions = `${smoothing ? `, smoothing ${smoothing}` : ''}${zLoss ? `, z-loss ${zLoss}` : ''}`
  const title = `N ${N} C ${C} V ${V} R ${R}${precision ? ', bf16' : ''}${additions}${note}`
  const inputs = [f32([N, C], fill), f32([V, C], fill ?? normal(0.3)), i32([N], targets)]
  const scratch = result([R, V])
  // Without additions nobody asks for the plain cross-entropy: it is the loss.
  const nats = smoothing || zLoss ? result([N]) : null
  const attributes = [smoothing, zLoss, precision]
  return [
    {
      name: `linear-cross-entropy ${title}`,
      kernel: 'linear-cross-entropy',
      inputs,
      outputs: [result([N]), scratch, nats],
      attributes,
      bound,
    },
    {
      name: `linear-cross-entropy-backward ${title}`,
      kernel: 'linear-cross-entropy-backward',
      inputs: [...inputs, f32([N])],
      outputs: [result([N]), result([N, C]), result([V, C]), scratch, nats],
      attributes,
      bound,
    },
  ]
}

export const cases: ParityCase[] = [
  ...([0, 1] as const).flatMap((precision) => [
    ...crossEntropyCases({ N: 1, C: 1, V: 1, R: 1, precision }),
    ...crossEntropyCases({ N: 3, C: 7, V: 17, R: 1, precision }),
    ...crossEntropyCases({ N: 17, C: 65, V: 129, R: 16, precision }),
    ...crossEntropyCases({ N: 65, C: 33, V: 1000, R: 64, precision }),
    ...crossEntropyCases({ N: 129, C: 48, V: 259, R: 50, precision }),
    ...crossEntropyCases({ N: 40, C: 129, V: 65, R: 40, precision }),
    ...crossEntropyCases({ N: 7, C: 16, V: 5000, R: 3, precision }),
    ...crossEntropyCases({ N: 5, C: 16, V: 33, R: 64, precision, note: ', more scratch than rows' }),
    ...crossEntropyCases({ N: 65, C: 17, V: 33, R: 16, precision, targets: integers(-5, 33), note: ', some ignored' }),
    ...crossEntropyCases({ N: 9, C: 17, V: 33, R: 4, precision, targets: values(-1), note: ', all ignored' }),
    ...[{ smoothing: 0.1 }, { zLoss: 1e-2 }, { smoothing: 0.3, zLoss: 0.5 }].flatMap((additions) => [
      ...crossEntropyCases({ N: 3, C: 2, V: 3, R: 1, precision, ...additions }),
      ...crossEntropyCases({ N: 17, C: 33, V: 129, R: 16, precision, targets: integers(-9, 129), ...additions }),
      ...crossEntropyCases({ N: 7, C: 16, V: 5000, R: 3, precision, ...additions }),
    ]),
  ]),
  ...crossEntropyCases({ N: 17, C: 16, V: 65, R: 8, smoothing: 0.1, fill: normal(5), note: ', sure of itself' }),
  ...crossEntropyCases({ N: 17, C: 16, V: 65, R: 8, zLoss: 0.1, fill: normal(5), note: ', sure of itself' }),
  ...crossEntropyCases({ N: 17, C: 16, V: 65, R: 8, fill: normal(5), note: ', sure of itself' }),
  ...crossEntropyCases({ N: 17, C: 16, V: 65, R: 8, fill: values(0), note: ', all zeros' }),
  ...crossEntropyCases({ N: 3, C: 1, V: 7, R: 2, fill: values(1e10, -1e10, 3), note: ', logits of ±1e20' }).map(
    (one) => ({
      ...one,
      hopeless: true,
    }),
  ),
  ...crossEntropyCases({ N: 0, C: 5, V: 7, R: 1, note: ', no rows' }),
]
