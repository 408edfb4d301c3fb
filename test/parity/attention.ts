import { absent, f64View, kernels, read, type View } from '../../src/backend/reference/index.ts'
import { dots, elementary, gamma, operand, tiny, u, uBf16 } from './bound.ts'
import {
  type Bound,
  derived,
  type Fill,
  f32,
  i32,
  bf16 as narrow,
  normal,
  type ParityCase,
  result,
  values,
} from './case.ts'

/** Calls `visit` for every query of every head with the keys it sees. */
function eachQuery(
  [q, k, , documents = absent, lengths = absent]: readonly View[],
  causal: number,
  visit: (at: { b: number; h: number; t: number; query: number; keys: number[]; lse: number }) => void,
): void {
  const [B, T, H, D] = q.shape
  const [, S, G] = k.shape
  const [document, length] = [documents, lengths].map((view) => (view === absent ? null : read(view)))
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      for (let t = 0; t < T; t++) {
        const keys: number[] = []
        for (let s = 0; s < S; s++) {
          if (causal && s > t + S - T) continue
          if (document && document[b * T + t] !== document[b * T + s]) continue
          if (length && s >= length[b]) continue
          keys.push(((b * S + s) * G + Math.floor((h * G) / H)) * D)
        }
        visit({ b, h, t, query: ((b * T + t) * H + h) * D, keys, lse: (b * H + h) * T + t })
      }
    }
  }
}

/**
 * A score is off by gamma(D + 1) of its magnitude; that is the relative error of its weight, and the greatest of them
 * that of the total. Rescaling as greater scores come in costs an elementary function a time, at most once a key in
 * sixteen, and the rounding of the distance between scores. With precision 1 weights may be rounded to bf16, and so may
 * the terms of the total.
 */
const bound: Bound = ({ inputs, outputs: [out, lse], attributes }) => {
  const [causal, scale, precision] = attributes as number[]
  const D = inputs[0].shape[3]
  const [qs, ks, vs] = inputs.slice(0, 3).map((view) => operand(view, precision))
  const logTotals = read(lse)
  const error = new Float64Array(out.elements.length)
  const lseError = new Float64Array(lse.elements.length)
  eachQuery(inputs, causal, ({ query, keys, lse: at }) => {
    const weights: number[] = []
    let scoreError = 0
    let greatest = Number.NEGATIVE_INFINITY
    let least = Number.POSITIVE_INFINITY
    for (const key of keys) {
      const [sum, magnitude] = dots(qs, query, ks, key, D)
      const score = scale * sum
      weights.push(Math.exp(score - logTotals[at]))
      scoreError = Math.max(scoreError, gamma(D + 2) * Math.abs(scale) * magnitude)
      greatest = Math.max(greatest, score)
      least = Math.min(least, score)
    }
    const S = keys.length
    if (S === 0) return
    const distance = u * Math.min(greatest - least, 104) // farther weights are 0 in f32
    const totalError = scoreError + gamma(S + 2) + elementary * (2 + S / 16) + 2 * distance
    lseError[at] = totalError + elementary * Math.log(S) + 2 * u * Math.abs(greatest) + u
    const weightError = 2 * totalError + 2 * u + (precision ? 2 * uBf16 : 0)
    keys.forEach((key, i) => {
      for (let d = 0; d < D; d++) error[query + d] += (weights[i] * weightError + 2 * tiny) * Math.abs(vs[key + d])
    })
  })
  return [error, lseError]
}

/**
 * weight = exp(score − lse): off by what the score is, and the roundings around exp. dweight and the mean Σ out·dout are
 * sums of D products. The score's gradient is off by all of these, and enters sums over keys and over queries; with
 * precision 1 it may be rounded to bf16 there, like the weights.
 */
const backwardBound: Bound = ({ inputs, outputs, attributes }) => {
  const [q, k, v, out, lse, dout, documents, lengths] = inputs
  const [causal, scale, precision] = attributes as number[]
  const [, T, H, D] = q.shape
  const [qs, ks, vs, gs] = [q, k, v, dout].map((view) => operand(view, precision))
  const [outs, exactGs, logTotals] = [read(out), read(dout), read(lse)]
  const [dq, dk, dv] = outputs.map((view) => new Float64Array(view.elements.length))
  const rounding = precision ? uBf16 : 0
  const queriesPerKey = gamma((T * H) / k.shape[2] + 2)
  eachQuery([q, k, v, documents, lengths], causal, ({ query, keys, lse: at }) => {
    const [mean, meanMagnitude] = dots(exactGs, query, outs, query, D)
    const keysPerQuery = gamma(keys.length + 2)
    for (const key of keys) {
      const [sum, magnitude] = dots(qs, query, ks, key, D)
      const [dweight, dweightMagnitude] = dots(gs, query, vs, key, D)
      const score = scale * sum
      const weight = Math.exp(score - logTotals[at])
      const weightError =
        gamma(D + 2) * Math.abs(scale) * magnitude + u * (Math.abs(score) + 2 * Math.abs(logTotals[at])) + elementary
      const difference = Math.abs(dweight - mean)
      const dscore = Math.abs(scale) * weight * difference
      const dscoreError =
        dscore * (weightError + 4 * u + rounding) +
        Math.abs(scale) * weight * (gamma(D + 2) * (dweightMagnitude + meanMagnitude)) +
        2 * tiny * (1 + difference)
      for (let d = 0; d < D; d++) {
        dq[query + d] += (dscoreError + keysPerQuery * dscore) * Math.abs(ks[key + d])
        dk[key + d] += (dscoreError + queriesPerKey * dscore) * Math.abs(qs[query + d])
        dv[key + d] += (weight * (weightError + rounding + queriesPerKey) + 2 * tiny) * Math.abs(gs[query + d])
      }
    }
  })
  return [dq, dk, dv]
}

interface Setup {
  readonly B?: number
  readonly T: number
  readonly S?: number
  readonly H?: number
  readonly G?: number
  readonly D: number
  readonly causal?: 0 | 1
  readonly scale?: number
  readonly precision?: 0 | 1
  readonly documents?: Fill
  readonly lengths?: number[]
  readonly fill?: Fill
  /** Whether q, k and v are stored as bf16. */
  readonly stored?: 'bf16'
  readonly note?: string
}

/** The forward case and its backward, which gets out and lse from the reference. */
function attentionCases(setup: Setup): ParityCase[] {
  const { B = 1, T, S = T, H = 1, G = H, D, causal = 0, precision = 0, documents, lengths, fill, note = '' } = setup
  const scale = setup.scale ?? 1 / Math.sqrt(D)
  const masks = [documents ? i32([B, T], documents) : null, lengths ? i32([B], values(...lengths)) : null] as const
  const stored = setup.stored ? narrow : f32
  const qkv = [stored([B, T, H, D], fill), stored([B, S, G, D], fill), stored([B, S, G, D])]
  const attributes = [causal, scale, precision]
  const forward = (earlier: readonly View[]) => {
    const [out, lse] = [f64View([B, T, H, D]), f64View([B, H, T])]
    // Masks come after q, k, v, out, lse and dout: they are made again, as constants.
    const again = [documents && maskOf(documents, B * T), lengths && Float64Array.from(lengths)]
    const views = again.map((mask, i) => (mask ? f64View(i ? [B] : [B, T], mask) : absent))
    kernels.get('attention')!([...earlier.slice(0, 3), ...views], [out, lse], attributes)
    return [out, lse]
  }
  const title = [
    `B ${B} T ${T} S ${S} H ${H} G ${G} D ${D}`,
    causal ? ', causal' : '',
    documents ? ', documents' : '',
    lengths ? `, lengths ${lengths}` : '',
    precision ? ', bf16' : '',
    setup.stored ? ', stored so' : '',
    note,
  ].join('')
  return [
    {
      name: `attention ${title}`,
      kernel: 'attention',
      inputs: [...qkv, ...masks],
      outputs: [result([B, T, H, D]), result([B, H, T])],
      attributes,
      bound,
    },
    {
      name: `attention-backward ${title}`,
      kernel: 'attention-backward',
      inputs: [
        ...qkv,
        f32(
          [B, T, H, D],
          derived((earlier) => read(forward(earlier)[0])),
        ),
        f32(
          [B, H, T],
          derived((earlier) => read(forward(earlier)[1])),
        ),
        f32([B, T, H, D]),
        ...masks,
      ],
      outputs: [result([B, T, H, D]), result([B, S, G, D]), result([B, S, G, D])],
      attributes,
      bound: backwardBound,
    },
  ]
}

/** Document numbers that do not depend on where in the input list they stand. */
function maskOf(documents: Fill, size: number): ArrayLike<number> {
  return documents(undefined as never, size, [])
}

const bf16 = { precision: 1 } as const
const causal = { causal: 1 } as const

export const cases: ParityCase[] = [
  ...([{}, bf16] as const).flatMap((precision) => [
    ...attentionCases({ T: 1, D: 16, ...precision }),
    ...[16, 32, 64, 80, 128].flatMap((D) => attentionCases({ B: 2, T: 17, H: 2, D, ...causal, ...precision })),
    ...attentionCases({ B: 2, T: 65, H: 6, G: 2, D: 32, ...causal, ...precision }),
    ...attentionCases({ T: 129, H: 2, G: 1, D: 64, ...causal, ...precision }),
    ...attentionCases({ T: 7, S: 129, H: 6, G: 2, D: 16, ...causal, ...precision }),
    ...attentionCases({ T: 33, S: 70, H: 3, D: 64, ...precision }),
    ...attentionCases({ B: 3, T: 1, S: 200, H: 4, G: 2, D: 64, ...causal, lengths: [200, 1, 77], ...precision }),
    ...attentionCases({
      B: 2,
      T: 70,
      H: 2,
      D: 16,
      ...causal,
      documents: values(...documentsOf(33, 5, 90, 12)),
      ...precision,
    }),
    ...attentionCases({
      B: 2,
      T: 40,
      D: 32,
      H: 2,
      documents: values(0, 1, 1, 0, 2),
      ...precision,
      note: ', interleaved',
    }),
    // Documents longer than any tile that begin anywhere, documents of one token, one that comes back.
    ...attentionCases({
      T: 300,
      H: 2,
      G: 1,
      D: 16,
      ...causal,
      documents: values(...documentsOf(1, 2, 211, 1, 1, 1, 83)),
      ...precision,
      note: ', long and short',
    }),
    ...attentionCases({
      T: 520,
      D: 16,
      ...causal,
      documents: values(...documentsOf(3, 499, 18)),
      ...precision,
      note: ' of all lengths',
    }),
    ...attentionCases({
      B: 2,
      T: 40,
      D: 16,
      ...causal,
      documents: (_, n) => Array.from({ length: n }, (_, i) => i),
      ...precision,
      note: ' of one token',
    }),
    ...attentionCases({
      T: 110,
      D: 20,
      documents: values(...documentsOf(7, 50, 2), ...documentsOf(41, 10)),
      lengths: [105],
      ...precision,
      note: ', twice',
    }),
    // Rows that see nothing: more queries than keys, and lengths of 0.
    ...attentionCases({ T: 9, S: 5, H: 2, D: 16, ...causal, ...precision, note: ', first rows see nothing' }),
    ...attentionCases({ B: 3, T: 17, H: 2, D: 16, lengths: [0, 5, 17], ...precision }),
  ]),
  ...[1, 7, 129].flatMap((T) =>
    [16, 20, 64].flatMap((D) => attentionCases({ T, S: 129, H: 4, G: 2, D, ...causal, ...bf16, stored: 'bf16' })),
  ),
  ...attentionCases({ B: 1, T: 3, S: 1000, H: 3, G: 1, D: 16, ...causal }),
  ...attentionCases({ T: 300, D: 16, ...causal }),
  ...attentionCases({ T: 5, D: 3, H: 2, ...causal, note: ', odd D' }),
  ...attentionCases({ B: 2, T: 17, H: 2, D: 32, ...causal, documents: values(0, 0, 0, 1, 1), lengths: [9, 14] }),
  ...attentionCases({ T: 33, D: 16, scale: 1, fill: normal(3), ...causal, note: ', sharp' }),
  ...attentionCases({ T: 33, D: 16, scale: 1, fill: normal(30), note: ', one-hot' }).map((one) => ({
    ...one,
    hopeless: true,
  })),
  ...attentionCases({ T: 33, D: 16, fill: normal(1e-20), note: ', flat' }),
  ...attentionCases({ T: 17, S: 33, D: 16, scale: 0, note: ', scale 0' }),
  ...attentionCases({ B: 0, T: 3, D: 16, note: ', no batch' }),
  ...attentionCases({ T: 0, S: 5, D: 16, note: ', no queries' }),
  ...attentionCases({ T: 3, S: 0, D: 16, note: ', no keys' }),
]

/** Documents of the given lengths, one after another. */
function documentsOf(...lengths: number[]): number[] {
  return lengths.flatMap((length, document) => new Array<number>(length).fill(document))
}
