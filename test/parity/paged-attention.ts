import { absent, f64View, kernels, read, type View } from '../../src/backend/reference/index.ts'
import { type CacheDType, PAGE, pageShapes } from '../../src/tensor/index.ts'
import { elementary, gamma, tiny, u } from './bound.ts'
import { type Bound, exact, type Fill, i32, normal, type Operand, type ParityCase, result, values } from './case.ts'

/** Reads the numbers of a cache: side 0 are keys, 1 values. */
function stored(pages: View, scales: View, side: 0 | 1, D: number) {
  const held = pages.shape[side ? 3 : 2]
  const [, G] = pages.shape
  const [cells, factors] = [read(pages), scales === absent ? null : read(scales)]
  return (page: number, g: number, slot: number, d: number): number => {
    const nibbles = factors !== null && held < D
    const byte = !nibbles ? d : side ? d % held : d >> 1
    const shift = side ? (d < held ? 0 : 4) : 4 * (d % 2)
    const at = side ? ((page * G + g) * PAGE + slot) * held + byte : ((page * G + g) * held + byte) * PAGE + slot
    if (factors === null) return cells[at]
    const code = nibbles ? ((cells[at] >> shift) & 15) - 8 : (cells[at] << 24) >> 24
    return code * factors[((page * G + g) * 2 + side) * PAGE + slot]
  }
}

/**
 * A score is off by gamma(D) of its magnitude, and by the roundings of the query's and the key's factors. That is the relative
 * error of its weight; the greatest is that of the total. Sums are folded group by group, which costs an elementary function
 * a time, at most once a key in sixteen, and the rounding of the distance between scores.
 */
const bound: Bound = ({ inputs, outputs: [out, keys, values, scales = absent], attributes: [scale] }) => {
  const [q, k, , , , starts, lengths, pages] = inputs
  const [, H, D] = q.shape
  const G = k.shape[1]
  const [P] = keys.shape
  const [queries, start, length, page] = [q, starts, lengths, pages].map(read)
  const M = pages.shape[1]
  const [key, value] = [stored(keys, scales, 0, D), stored(values, scales, 1, D)]
  const error = new Float64Array(out.elements.length)
  const lseError = new Float64Array(q.shape[0] * H)
  for (let b = 0; b < length.length; b++) {
    for (let row = start[b]; row < start[b + 1]; row++) {
      const position = length[b] - start[b + 1] + row
      if (position < 0 || position >= M * PAGE) continue
      for (let h = 0; h < H; h++) {
        const g = Math.floor((h * G) / H)
        const from = (row * H + h) * D
        const scores: number[] = []
        let scoreError = 0
        for (let s = 0; s <= position; s++) {
          const at = page[b * M + Math.floor(s / PAGE)]
          let [sum, magnitude] = [0, 0]
          for (let d = 0; d < D && at >= 0 && at < P; d++) {
            const product = queries[from + d] * key(at, g, s % PAGE, d)
            sum += product
            magnitude += Math.abs(product)
          }
          scores.push((scale as number) * sum)
          scoreError = Math.max(scoreError, (gamma(D) + 4 * u) * Math.abs(scale as number) * magnitude)
        }
        const greatest = Math.max(...scores)
        const total = scores.reduce((sum, score) => sum + Math.exp(score - greatest), 0)
        const distance = u * Math.min(greatest - Math.min(...scores), 104) // farther weights are 0 in f32
        const S = scores.length
        const totalError = scoreError + gamma(S + 2) + elementary * (2 + S / PAGE) + 2 * distance
        lseError[row * H + h] = totalError + elementary * Math.log(S) + 2 * u * Math.abs(greatest) + u
        scores.forEach((score, s) => {
          const at = page[b * M + Math.floor(s / PAGE)]
          if (at < 0 || at >= P) return
          const weight = Math.exp(score - greatest) / total
          for (let d = 0; d < D; d++)
            error[from + d] += (weight * (2 * totalError + 3 * u) + 2 * tiny) * Math.abs(value(at, g, s % PAGE, d))
        })
      }
    }
  }
  return [error, 'exact', 'exact', 'exact', lseError]
}

interface Setup {
  readonly cache: CacheDType
  readonly H: number
  readonly G?: number
  readonly D: number
  /** Tokens of each text before, and new ones. */
  readonly texts: readonly (readonly [before: number, fresh: number])[]
  /** Rows after the last that belong to no text. */
  readonly padding?: number
  /** M is what the longest text needs, and so many more. */
  readonly spare?: number
  readonly scale?: number
  readonly fill?: Fill
  readonly inPlace?: boolean
  readonly lse?: boolean
  /** Instead of each text's own pages, in a mixed order. */
  readonly pages?: readonly number[]
  readonly note?: string
}

/** A cache that holds what texts have stored in it before: the reference stores it. */
function filledCache({ cache, G, D, P }: { cache: CacheDType; G: number; D: number; P: number }, fill: Fill) {
  const specs = pageShapes(cache, P, G, D)
  const rows = P * PAGE
  const made: View[] = []
  const part = (index: number): Fill => {
    return (rng) => {
      if (index === 0) {
        const [k, v] = [0, 1].map(() => f64View([rows, G, D], fill(rng, rows * G * D, [])))
        const zeros = [specs.keys, specs.values, specs.scales].map(
          (spec): View =>
            spec
              ? {
                  shape: spec.shape,
                  dtype: spec.dtype,
                  elements: new Float64Array(spec.shape.reduce((a, b) => a * b, 1)) as never,
                }
              : absent,
        )
        const outputs = zeros.map((view) => (view === absent ? absent : f64View(view.shape)))
        const all = Int32Array.from({ length: P }, (_, i) => i)
        const ends = [f64View([2], [0, rows]), f64View([1], [rows]), f64View([1, P], all)]
        const inputs = [f64View([rows, 0, D]), k, v, zeros[0], zeros[1], ...ends, zeros[2]]
        kernels.get('paged-attention')!(inputs, [f64View([rows, 0, D]), ...outputs], [1])
        made.splice(0, made.length, ...outputs)
      }
      return read(made[index])
    }
  }
  return [specs.keys, specs.values, specs.scales].map((spec, index): Operand | null =>
    spec ? { shape: spec.shape, dtype: spec.dtype, fill: part(index) } : null,
  )
}

function pagedCase(setup: Setup): ParityCase {
  const { cache, H, G = H, D, texts, padding = 0, spare = 0, fill = normal(), inPlace = true, lse = true } = setup
  const lengths = texts.map(([before, fresh]) => before + fresh)
  const starts = [0]
  for (const [, fresh] of texts) starts.push(starts[starts.length - 1] + fresh)
  const N = starts[starts.length - 1] + padding
  const needed = lengths.map((length) => Math.ceil(length / PAGE))
  const M = Math.max(0, ...needed) + spare
  const P = needed.reduce((a, b) => a + b, 1) // one belongs to nobody
  // Pages go out in a mixed order: page i of all is number 7·i mod P, or of the next prime stride.
  const stride = [7, 5, 3, 2, 1].find((one) => gcd(one, P) === 1)!
  let next = 0
  const table = needed.flatMap((count) =>
    Array.from({ length: M }, (_, i) => (i < count ? (stride * next++) % P : i % 2 ? -1 : P + i)),
  )
  const scale = setup.scale ?? 1 / Math.sqrt(D)
  const [keys, pagesOfValues, scales] = filledCache({ cache, G, D, P }, fill)
  const cacheResults = [keys, pagesOfValues, scales].map((part) => part && result(part.shape, part.dtype))
  const title = [
    `${cache} H ${H} G ${G} D ${D}`,
    ` texts ${texts.map(([before, fresh]) => `${before}+${fresh}`).join(' ')}`,
    padding ? `, ${padding} more` : '',
    inPlace ? '' : ', not in place',
    setup.note ?? '',
  ].join('')
  return {
    name: `paged-attention ${title}`,
    kernel: 'paged-attention',
    inputs: [
      { shape: [N, H, D], dtype: 'f32', fill },
      { shape: [N, G, D], dtype: 'f32', fill },
      { shape: [N, G, D], dtype: 'f32', fill },
      keys,
      pagesOfValues,
      i32([texts.length + 1], values(...starts)),
      i32([texts.length], values(...lengths)),
      i32([texts.length, M], values(...(setup.pages ?? table))),
      scales,
    ],
    outputs: [result([N, H, D]), ...cacheResults, lse ? result([N, H]) : null],
    attributes: [scale],
    aliases: inPlace
      ? (
          [
            [1, 3],
            [2, 4],
            [3, 8],
          ] as const
        ).slice(0, scales ? 3 : 2)
      : [],
    bound,
  }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

const dtypes = ['f32', 'bf16', 'int8', 'int4'] as const

function copyCase(P: number, rest: readonly number[], from: number[], to: number[], inPlace: boolean): ParityCase {
  return {
    name: `copy-pages [${[P, ...rest]}] ${from} to ${to}${inPlace ? ', in place' : ''}`,
    kernel: 'copy-pages',
    inputs: [
      { shape: [P, ...rest], dtype: 'f32', fill: normal() },
      i32([from.length], values(...from)),
      i32([to.length], values(...to)),
    ],
    outputs: [result([P, ...rest])],
    attributes: [],
    aliases: inPlace ? [[0, 0]] : [],
    bound: exact,
  }
}

export const cases: ParityCase[] = [
  ...dtypes.flatMap((cache) => [
    pagedCase({ cache, H: 1, D: 16, texts: [[0, 1]] }),
    pagedCase({ cache, H: 2, D: 64, texts: [[36, 1]] }),
    pagedCase({
      cache,
      H: 4,
      G: 2,
      D: 32,
      texts: [
        [5, 20],
        [0, 3],
        [130, 1],
        [0, 0],
        [15, 2],
      ],
      padding: 3,
      spare: 2,
    }),
    pagedCase({
      cache,
      H: 3,
      G: 1,
      D: 20,
      texts: [
        [0, 19],
        [140, 1],
      ],
      inPlace: false,
    }),
    pagedCase({ cache, H: 8, G: 2, D: 128, texts: [[250, 7]] }),
    pagedCase({ cache, H: 2, D: 64, texts: [[30, 140]] }),
    pagedCase({
      cache,
      H: 2,
      G: 1,
      D: 6,
      texts: [
        [7, 70],
        [3, 1],
      ],
      lse: false,
    }),
    pagedCase({ cache, H: 1, D: 16, texts: [[0, 17]], fill: normal(1e-35), note: ', tiny' }),
    pagedCase({ cache, H: 2, D: 16, texts: [[20, 3]], scale: 1, fill: normal(3), note: ', sharp' }),
    pagedCase({ cache, H: 2, D: 16, texts: [[20, 3]], scale: 0, note: ', scale 0' }),
    pagedCase({ cache, H: 2, D: 16, texts: [[20, 30]], pages: [1, -1, 3, 9], note: ', pages that are not there' }),
    pagedCase({ cache, H: 2, D: 16, texts: [], padding: 2, note: ', no texts' }),
    pagedCase({ cache, H: 2, D: 16, texts: [[4, 0]], note: ', no rows' }),
  ]),
  pagedCase({ cache: 'f32', H: 40, G: 1, D: 16, texts: [[40, 2]] }),
  pagedCase({
    cache: 'f32',
    H: 2,
    D: 5,
    texts: [
      [40, 2],
      [2, 18],
    ],
    note: ', odd D',
  }),
  pagedCase({
    cache: 'f32',
    H: 1,
    D: 16,
    texts: [
      [1300, 3],
      [0, 2],
      [700, 1],
    ],
  }),
  ...[true, false].flatMap((inPlace) => [
    copyCase(5, [2, 3], [0, 3], [1, 4], inPlace),
    copyCase(4, [7, 129], [0, 1, 2], [1, 2, 0], inPlace),
    copyCase(3, [33], [0, 1, -1, 2, 7], [-1, 3, 0, 2, 1], inPlace),
    copyCase(2, [4], [], [], inPlace),
    copyCase(0, [4], [0], [1], inPlace),
    copyCase(6, [12, 64, 16], [5, 4], [0, 5], inPlace),
  ]),
]
