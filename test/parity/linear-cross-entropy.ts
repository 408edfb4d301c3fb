import { read } from '../../src/backend/reference/index.ts'
import { dots, elementary, gamma, operand, u, uBf16 } from './bound.ts'
import { type Bound, type Fill, f32, i32, integers, normal, type ParityCase, result, values } from './case.ts'

/**
 * A logit is off by gamma(C) of its magnitude. logsumexp is off by the greatest of these and the sum of V terms; so is a
 * probability, relatively. A gradient of a logit, (p − 1[target])·dloss, enters sums over V and over N; with precision 1
 * it may be rounded to bf16 there.
 */
const bound: Bound = ({ inputs: [x, w, targets, dlosses], outputs, attributes: [precision] }) => {
  const [N, C] = x.shape
  const [V] = w.shape
  const [xs, ws] = [x, w].map((view) => operand(view, precision as number))
  const target = read(targets)
  const scales = dlosses ? read(dlosses) : new Float64Array(N)
  const lossError = new Float64Array(N)
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
    lossError[n] = totalError + logitError[target[n]] + 2 * u * (Math.abs(logTotal) + Math.abs(picked))
    if (!dlosses) continue
    for (let v = 0; v < V; v++) {
      const p = Math.exp(logits[v] - logTotal)
      const pError = p * (logitError[v] + totalError + 2 * elementary + u * (Math.abs(logits[v]) + Math.abs(logTotal)))
      const dlogit = Math.abs(scales[n] * (p - (v === target[n] ? 1 : 0)))
      const error = Math.abs(scales[n]) * pError + dlogit * (3 * u + (precision ? uBf16 : 0))
      for (let c = 0; c < C; c++) {
        dx[n * C + c] += (error + gamma(V + 1) * dlogit) * Math.abs(ws[v * C + c])
        dw[v * C + c] += (error + gamma(N + 1) * dlogit) * Math.abs(xs[n * C + c])
      }
    }
  }
  return outputs.length === 2 ? [lossError, 'ignore'] : [lossError, dx, dw, 'ignore']
}

interface Setup {
  readonly N: number
  readonly C: number
  readonly V: number
  readonly R: number
  readonly precision?: 0 | 1
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
  targets = integers(0, V),
  fill,
  note = '',
}: Setup): ParityCase[] {
  const title = `N ${N} C ${C} V ${V} R ${R}${precision ? ', bf16' : ''}${note}`
  const inputs = [f32([N, C], fill), f32([V, C], fill ?? normal(0.3)), i32([N], targets)]
  const scratch = result([R, V])
  return [
    {
      name: `linear-cross-entropy ${title}`,
      kernel: 'linear-cross-entropy',
      inputs,
      outputs: [result([N]), scratch],
      attributes: [precision],
      bound,
    },
    {
      name: `linear-cross-entropy-backward ${title}`,
      kernel: 'linear-cross-entropy-backward',
      inputs: [...inputs, f32([N])],
      outputs: [result([N]), result([N, C]), result([V, C]), scratch],
      attributes: [precision],
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
  ]),
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
