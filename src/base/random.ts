/**
 * A counter-based random generator: Philox 4x32 with ten rounds (Salmon et al. 2011, "Parallel random numbers:
 * as easy as 1, 2, 3"). The same key and counter always give the same four words, so any place of any step can be
 * computed alone, in any order, on any number of threads. Kernels use the same function (kernels/cpu/random.cc).
 */

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const low = aLow * bLow
  const mid = aHigh * bLow + (low >>> 16)
  const mid2 = aLow * bHigh + (mid & 0xffff)
  return (aHigh * bHigh + Math.floor(mid / 0x10000) + (mid2 >>> 16)) >>> 0
}

/** Four random 32-bit words for a 64-bit key and a 128-bit counter; written to `out`. */
export function philox(
  key0: number,
  key1: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
): void {
  let k0 = key0 >>> 0
  let k1 = key1 >>> 0
  let x0 = c0 >>> 0
  let x1 = c1 >>> 0
  let x2 = c2 >>> 0
  let x3 = c3 >>> 0
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, x0)
    const low0 = Math.imul(M0, x0) >>> 0
    const high1 = mulHigh(M1, x2)
    const low1 = Math.imul(M1, x2) >>> 0
    x0 = (high1 ^ x1 ^ k0) >>> 0
    x1 = low1
    x2 = (high0 ^ x3 ^ k1) >>> 0
    x3 = low0
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  out[0] = x0
  out[1] = x1
  out[2] = x2
  out[3] = x3
}

/** A stream of random numbers whose whole state is one small object, so that it can be saved and resumed. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number
  /** Uniform integer in [0, limit). */
  integer(limit: number): number
  /** Where the stream stands; pass it to {@link random} to go on from there. */
  state(): RandomState
}

export interface RandomState {
  readonly seed: number
  readonly stream: number
  readonly position: number
}

/**
 * Starts a stream, or continues one from its state. Streams of the same seed and another number are independent.
 *
 * @example
 * const rng = random(1)
 * rng.next() === random(1).next() // true
 */
export function random(from: number | RandomState, stream = 0): Random {
  const seed = typeof from === 'number' ? from : from.seed
  const lane = typeof from === 'number' ? stream : from.stream
  let position = typeof from === 'number' ? 0 : from.position
  const key0 = seed >>> 0
  const key1 = Math.floor(seed / 0x100000000) >>> 0
  const words = new Uint32Array(4)
  return {
    next() {
      philox(key0, key1, position >>> 0, Math.floor(position / 0x100000000), lane, 0x5eed, words)
      position++
      return ((words[0] >>> 5) * 0x4000000 + (words[1] >>> 6)) / 0x20000000000000
    },
    integer(limit) {
      return Math.floor(this.next() * limit)
    },
    state: () => ({ seed, stream: lane, position }),
  }
}
