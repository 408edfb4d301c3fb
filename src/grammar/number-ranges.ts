import { character, choice, type Expression, never, nothing, optional, repeat, sequence, text } from './expression.ts'

/** Digits before the point where no bound asks for more, so that doubles hold every integer. */
const integerDigits = 15
/** Digits behind the point where no bound has more. */
const fractionDigits = 6

const digitsFrom = (first: number, last = 9): Expression => character([[0x30 + first, 0x30 + last]])
const anyDigits = (min: number, max = min): Expression => repeat(digitsFrom(0), min, max)

/** Limits of a number; those that are not given do not bind. */
export interface Bounds {
  readonly low?: { readonly value: number; readonly isOpen: boolean }
  readonly high?: { readonly value: number; readonly isOpen: boolean }
}

/**
 * Integers between bounds, without leading zeros, signs that mean nothing, points and exponents. Unbounded ones have up to 15
 * digits, or one more than the bound on the other side.
 */
export function integerRange({ low, high }: Bounds): Expression {
  const from = low && (low.isOpen ? BigInt(Math.floor(low.value)) + 1n : BigInt(Math.ceil(low.value)))
  const to = high && (high.isOpen ? BigInt(Math.ceil(high.value)) - 1n : BigInt(Math.floor(high.value)))
  const options: Expression[] = []
  if (to === undefined || to >= 0n) options.push(naturals(from === undefined || from < 0n ? 0n : from, to))
  if (from === undefined || from < 0n) {
    const least = to === undefined || to >= 0n ? 1n : -to
    options.push(sequence(text('-'), naturals(least, from === undefined ? undefined : -from)))
  }
  return choice(...options)
}

/** Decimals of whole numbers from `from` to `to`; without an end up to 15 digits. */
function naturals(from: bigint, to?: bigint): Expression {
  const low = from.toString()
  const high = (to ?? 10n ** BigInt(Math.max(integerDigits, low.length + 1)) - 1n).toString()
  if (to !== undefined && to < from) return never
  if (low.length === high.length) return between(low, high)
  const options = [between(low, '9'.repeat(low.length)), between(`1${'0'.repeat(high.length - 1)}`, high)]
  if (high.length > low.length + 1) options.push(sequence(digitsFrom(1), anyDigits(low.length, high.length - 2)))
  return choice(...options)
}

/** Digits from `low` to `high`, of the same length. */
function between(low: string, high: string): Expression {
  if (/^[01]?0*$/.test(low) && /^9*$/.test(high) && low.length > 0) {
    return sequence(digitsFrom(Number(low[0])), anyDigits(low.length - 1))
  }
  let shared = 0
  while (shared < low.length && low[shared] === high[shared]) shared++
  const start = text(low.slice(0, shared))
  if (shared === low.length) return start
  const [a, b] = [Number(low[shared]), Number(high[shared])]
  const rest = low.length - shared - 1
  const options = [
    sequence(text(low[shared]), atLeast(low.slice(shared + 1))),
    sequence(text(high[shared]), atMost(high.slice(shared + 1))),
  ]
  if (b > a + 1) options.push(sequence(digitsFrom(a + 1, b - 1), anyDigits(rest)))
  return sequence(start, choice(...options))
}

function atLeast(low: string): Expression {
  if (/^0*$/.test(low)) return anyDigits(low.length)
  const first = Number(low[0])
  const same = sequence(text(low[0]), atLeast(low.slice(1)))
  return first === 9 ? same : choice(same, sequence(digitsFrom(first + 1), anyDigits(low.length - 1)))
}

function atMost(high: string): Expression {
  if (/^9*$/.test(high)) return anyDigits(high.length)
  const first = Number(high[0])
  const same = sequence(text(high[0]), atMost(high.slice(1)))
  return first === 0 ? same : choice(same, sequence(digitsFrom(0, first - 1), anyDigits(high.length - 1)))
}

/** Decimal numbers between bounds, of which there is at least one: without exponents, and with up to 6 digits behind the point, or as many as the bounds. */
export function decimalRange({ low, high }: Bounds): Expression {
  const options: Expression[] = []
  if (high === undefined || high.value >= 0) {
    options.push(magnitudes({ low: low && low.value > 0 ? low : low?.value === 0 ? low : undefined, high }))
  }
  if (low === undefined || low.value < 0) {
    const least = high !== undefined && high.value <= 0 ? { ...high, value: -high.value } : undefined
    const most = low === undefined ? undefined : { ...low, value: -low.value }
    options.push(sequence(text('-'), magnitudes({ low: least, high: most })))
  }
  return choice(...options)
}

interface Limit {
  readonly whole: bigint
  /** Without zeros at the end. */
  readonly fraction: string
  readonly isOpen: boolean
}

function limitOf(bound: Bounds['low']): Limit | undefined {
  if (bound === undefined) return undefined
  const [, whole, fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    String(Math.abs(bound.value)),
  )!
  const shift = Number(exponent)
  const digits = whole + fraction.padEnd(Math.max(0, shift), '0')
  const point = whole.length + shift
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits
  const at = Math.max(1, point)
  return { whole: BigInt(padded.slice(0, at)), fraction: padded.slice(at).replace(/0+$/, ''), isOpen: bound.isOpen }
}

/** Numbers of 0 and more. */
function magnitudes(bounds: Bounds): Expression {
  const low = limitOf(bounds.low)
  const high = limitOf(bounds.high)
  const from = low?.whole ?? 0n
  if (high !== undefined && high.whole < from) return never
  if (low !== undefined && high !== undefined && low.whole === high.whole) {
    return sequence(text(`${from}`), fractionBetween(low, high))
  }
  const options: Expression[] = []
  if (low !== undefined) options.push(sequence(text(`${from}`), fractionBetween(low, undefined)))
  const next = low === undefined ? 0n : from + 1n
  if (high === undefined || high.whole > next) {
    options.push(
      sequence(naturals(next, high && high.whole - 1n), optional(sequence(text('.'), anyDigits(1, fractionDigits)))),
    )
  }
  if (high !== undefined) options.push(sequence(text(`${high.whole}`), fractionBetween(undefined, high)))
  return choice(...options)
}

/** What stands behind the digits of a number whose whole part is that of the limits that are given. */
function fractionBetween(low: Limit | undefined, high: Limit | undefined): Expression {
  const longest = Math.max(fractionDigits, (low?.fraction.length ?? 0) + 1, (high?.fraction.length ?? 0) + 1)
  /** @param isLow whether all digits so far are those of the lower limit; `isHigh` for the upper one */
  const mayEnd = (at: number, isLow: boolean, isHigh: boolean) =>
    (!isLow || (at >= low!.fraction.length && !low!.isOpen)) && (!isHigh || at < high!.fraction.length || !high!.isOpen)
  const rest = (at: number, isLow: boolean, isHigh: boolean, canEnd: boolean): Expression => {
    if (!isLow && !isHigh) return anyDigits(canEnd ? 0 : 1, longest - at)
    const options: Expression[] = canEnd && mayEnd(at, isLow, isHigh) ? [nothing] : []
    if (at < longest) {
      const least = isLow ? Number(low!.fraction[at] ?? 0) : 0
      const most = isHigh ? Number(high!.fraction[at] ?? 0) : 9
      for (let digit = least; digit <= most; digit++) {
        const staysLow = isLow && digit === least
        const staysHigh = isHigh && digit === most
        let last = digit
        if (!staysLow && !staysHigh) last = isHigh ? most - 1 : most
        options.push(sequence(digitsFrom(digit, last), rest(at + 1, staysLow, staysHigh, true)))
        digit = last
      }
    }
    return choice(...options)
  }
  const [isLow, isHigh] = [low !== undefined, high !== undefined]
  return choice(...(mayEnd(0, isLow, isHigh) ? [nothing] : []), sequence(text('.'), rest(0, isLow, isHigh, false)))
}

/** A number without bounds: up to 15 digits on each side of the point, and an exponent of up to two digits. */
export const anyNumber: Expression = sequence(
  optional(text('-')),
  naturals(0n),
  optional(sequence(text('.'), anyDigits(1, integerDigits))),
  optional(
    sequence(
      character([
        [0x45, 0x45],
        [0x65, 0x65],
      ]),
      optional(
        character([
          [0x2b, 0x2b],
          [0x2d, 0x2d],
        ]),
      ),
      anyDigits(1, 2),
    ),
  ),
)
