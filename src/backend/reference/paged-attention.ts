import { absent, type Kernel, read, roundToBf16, type View, write } from './view.ts'

/** Tokens of a page. */
const PAGE = 16

/** Codes are −limit … limit; what is stored is code + zero, in so many bits (of 8 bits as two's complement). */
const codings = { int8: { limit: 127, bits: 8, zero: 0 }, int4: { limit: 7, bits: 4, zero: 8 } } as const

/** Numbers whose greatest is smaller are stored as zeros: their factor would not be a normal f32. */
const SMALLEST = 2 ** -100

/**
 * The factor and the codes of one token's key or value; in f32, so that every backend finds the same. What is halfway between
 * two codes goes to the even one.
 */
function quantized(numbers: Float64Array, limit: number): { factor: number; codes: Float64Array } {
  const greatest = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  if (greatest < SMALLEST) return { factor: 0, codes: numbers.map(() => 0) }
  const factor = Math.fround(greatest / limit)
  return { factor, codes: numbers.map((x) => nearestEven(Math.fround(x / factor))) }
}

function nearestEven(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1
}

/** Keys or values of a cache. */
interface Side {
  /** The memory, as it is to be written back. */
  readonly elements: Float64Array
  store(page: number, group: number, slot: number, numbers: Float64Array): void
  load(page: number, group: number, slot: number, d: number): number
}

/** Keys [P, G, D, 16], or values [P, G, 16, D]; with factors [P, G, 2, 16] codes of them. */
function sideOf(name: 'keys' | 'values', view: View, D: number, factors: Float64Array | undefined): Side {
  const isKeys = name === 'keys'
  const [, G] = view.shape
  const held = view.shape[isKeys ? 2 : 3]
  const elements = read(view)
  const place = (page: number, g: number, slot: number, d: number) =>
    isKeys ? ((page * G + g) * held + d) * PAGE + slot : ((page * G + g) * PAGE + slot) * held + d
  if (factors === undefined) {
    const round = view.dtype === 'bf16' ? roundToBf16 : Math.fround
    return {
      elements,
      store(page, g, slot, numbers) {
        numbers.forEach((x, d) => {
          elements[place(page, g, slot, d)] = round(x)
        })
      },
      load: (page, g, slot, d) => elements[place(page, g, slot, d)],
    }
  }

  const { limit, bits, zero } = held === D ? codings.int8 : codings.int4
  /** The byte that holds element d, and where in it: of 4 bits keys hold neighbours, values d and d + D/2. */
  const spot = (d: number): [byte: number, shift: number] => {
    if (bits === 8) return [d, 0]
    if (isKeys) return [d >> 1, 4 * (d % 2)]
    return [d % held, d < held ? 0 : 4]
  }
  const mask = 2 ** bits - 1
  const factorAt = (page: number, g: number, slot: number) => ((page * G + g) * 2 + (isKeys ? 0 : 1)) * PAGE + slot
  return {
    elements,
    store(page, g, slot, numbers) {
      const { factor, codes } = quantized(numbers, limit)
      factors[factorAt(page, g, slot)] = factor
      codes.forEach((code, d) => {
        const [byte, shift] = spot(d)
        const at = place(page, g, slot, byte)
        elements[at] = (elements[at] & ~(mask << shift)) | (((code + zero) & mask) << shift)
      })
    },
    load(page, g, slot, d) {
      const [byte, shift] = spot(d)
      const code = ((elements[place(page, g, slot, byte)] >> shift) & mask) ^ (zero ^ (2 ** (bits - 1)))
      return factors[factorAt(page, g, slot)] * (code - 2 ** (bits - 1))
    },
  }
}

/**
 * q [N, H, D], k, v [N, G, D], keys, values, starts [B + 1], lengths [B], pages [B, M], scales? → out [N, H, D], keys, values,
 * scales?, lse? [N, H]. Source: Kwon et al. 2023, §4.
 */
export const pagedAttention: Kernel = (inputs, outputs, attributes) => {
  const [q, k, v, keyPages, valuePages, starts, lengths, pages, scales = absent] = inputs
  const [out, newKeys, newValues, newScales = absent, lse = absent] = outputs
  const [scale] = attributes as number[]
  const [N, H, D] = q.shape
  const G = k.shape[1]
  const [P] = keyPages.shape
  const M = pages.shape[1]
  const queries = read(q)
  const [newK, newV] = [k, v].map((view) => read(view).map(Math.fround))
  const [start, length, page] = [starts, lengths, pages].map(read)
  const factors = scales === absent ? undefined : read(scales)
  const keys = sideOf('keys', keyPages, D, factors)
  const values = sideOf('values', valuePages, D, factors)

  // Rows with a text, and where in it they stand.
  const rows: { row: number; text: number; position: number }[] = []
  for (let text = 0; text < length.length; text++) {
    for (let row = start[text]; row < start[text + 1]; row++) {
      const position = length[text] - start[text + 1] + row
      if (position >= 0 && position < M * PAGE) rows.push({ row, text, position })
    }
  }
  const pageOf = (text: number, position: number) => page[text * M + Math.floor(position / PAGE)]
  const isThere = (at: number) => at >= 0 && at < P

  for (const { row, text, position } of rows) {
    const at = pageOf(text, position)
    if (!isThere(at)) continue
    for (let g = 0; g < G; g++) {
      const numbers = (row * G + g) * D
      keys.store(at, g, position % PAGE, newK.subarray(numbers, numbers + D))
      values.store(at, g, position % PAGE, newV.subarray(numbers, numbers + D))
    }
  }

  const result = new Float64Array(N * H * D)
  const logTotals = new Float64Array(N * H).fill(Number.NEGATIVE_INFINITY)
  for (const { row, text, position } of rows) {
    for (let h = 0; h < H; h++) {
      const g = Math.floor((h * G) / H)
      const from = (row * H + h) * D
      const scores = Float64Array.from({ length: position + 1 }, (_, s) => {
        const at = pageOf(text, s)
        let sum = 0
        if (isThere(at)) for (let d = 0; d < D; d++) sum += queries[from + d] * keys.load(at, g, s % PAGE, d)
        return scale * sum
      })
      const greatest = scores.reduce((a, b) => Math.max(a, b))
      const total = scores.reduce((sum, score) => sum + Math.exp(score - greatest), 0)
      logTotals[row * H + h] = greatest + Math.log(total)
      scores.forEach((score, s) => {
        const at = pageOf(text, s)
        if (!isThere(at)) return
        const weight = Math.exp(score - greatest) / total
        for (let d = 0; d < D; d++) result[from + d] += weight * values.load(at, g, s % PAGE, d)
      })
    }
  }
  write(out, result)
  write(newKeys, keys.elements)
  write(newValues, values.elements)
  if (factors !== undefined) write(newScales, factors)
  if (lse !== absent) write(lse, logTotals)
}

/** pages [P, …], from [N], to [N] → pages: page to[i] is what page from[i] was; pairs that name no page do nothing. */
export const copyPages: Kernel = ([pages, from, to], [result]) => {
  const [P] = pages.shape
  const old = read(pages)
  const size = P === 0 ? 0 : old.length / P
  const fresh = old.slice()
  const sources = read(from)
  read(to).forEach((target, i) => {
    const source = sources[i]
    if (target < 0 || target >= P || source < 0 || source >= P) return
    fresh.set(old.subarray(source * size, (source + 1) * size), target * size)
  })
  write(result, fresh)
}
