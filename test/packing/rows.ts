import { type Random, random } from '../../src/base/index.ts'

/** Rows that packing may meet, and some that are made to hurt. */
export type RowKind = keyof typeof kinds

const GROUP = 16
const bits = new Uint32Array(1)
const single = new Float32Array(bits.buffer)

const normal = (from: Random) => Math.sqrt(-2 * Math.log(1 - from.next())) * Math.cos(2 * Math.PI * from.next())
const sign = (from: Random) => (from.next() < 0.5 ? -1 : 1)
const oneOf = <T>(from: Random, all: readonly T[]) => all[from.integer(all.length)]

/** What makes the numbers of a group of 16 neighbours; called anew for each group. */
type Kind = (from: Random) => (i: number) => number

const everywhere =
  (make: (from: Random, i: number) => number): Kind =>
  (from) =>
  (i) =>
    make(from, i)

const pure = {
  normal: everywhere((from) => 0.02 * normal(from)),
  uniform: everywhere((from) => 2 * from.next() - 1),
  positive: everywhere((from) => 1 + from.next()),
  negative: everywhere((from) => -from.next() - 0.5),
  'heavy tails': everywhere((from) => normal(from) / normal(from)),
  sparse: everywhere((from) => (from.next() < 0.95 ? 0 : normal(from))),
  'whole numbers': everywhere((from) => Math.round(8 * normal(from))),
  halves: everywhere((from) => Math.round(20 * normal(from)) / 2),
  'two values': everywhere((from) => sign(from) * 0.5),
  'one outlier': everywhere((from, i) => (i % 256 === 77 ? 3 : 1e-3 * normal(from))),
  zeros: everywhere(() => 0),
  'negative zeros': everywhere(() => -0),
  constant: everywhere(() => 0.7),
  'negative constant': everywhere(() => -0.7),
  'below f16': everywhere((from) => 1e-7 * normal(from)),
  'below f32': everywhere((from) => 1e-40 * normal(from)),
  'last bits of f32': everywhere((from) => sign(from) * from.integer(9) * 2 ** -149),
  'beyond f16': everywhere((from) => 1e7 * normal(from)),
  'near the limit': everywhere((from) => sign(from) * 3.4e38 * from.next()),
  'squares overflow': everywhere((from) => 1e20 * normal(from)),
  'squares underflow': everywhere((from) => 1e-22 * normal(from)),
  'about 1e-15, ggml’s nothing': everywhere((from) => 3e-15 * normal(from)),
  // Every size of number that there is, beside every other; never an exponent of 255.
  'any bits': everywhere((from) => {
    bits[0] = from.integer(2 ** 32)
    if ((bits[0] & 0x7f800000) === 0x7f800000) bits[0] &= 0xbfffffff
    return single[0]
  }),
  'a size to each group': (from) => {
    const size = 10 ** (9 * from.next() - 6)
    return () => size * normal(from)
  },
  // Differences are a few last bits, so that a search's best min may go past the greatest value.
  'nearly constant': (from) => {
    const base = -Math.abs(normal(from)) * 10 ** (8 * from.next() - 4)
    const step = 2 ** -(20 + 5 * from.next())
    return () => base * (1 + step * from.integer(3))
  },
  'about f32’s least': (from) => {
    const size = 2 ** -(120 + 29 * from.next())
    return () => size * normal(from)
  },
  'two sizes': (from) => {
    const sizes = [normal(from) * 10 ** (20 * from.next() - 10), normal(from) * 10 ** (20 * from.next() - 10)]
    return () => oneOf(from, sizes)
  },
} satisfies Record<string, Kind>

/** Any of them, anew for each group. */
const mixed: Kind = (from) => oneOf<Kind>(from, Object.values(pure))(from)

const kinds = { ...pure, mixed }

export const rowKinds = Object.keys(kinds) as RowKind[]

/** `length` finite numbers of a kind, the same for the same seed. */
export function rowsOf(kind: RowKind, length: number, seed: number): Float32Array {
  const from = random(seed, rowKinds.indexOf(kind))
  let make = kinds[kind](from)
  return Float32Array.from({ length }, (_, i) => {
    if (i % GROUP === 0) make = kinds[kind](from)
    return Math.max(-3.4e38, Math.min(3.4e38, make(i)))
  })
}
