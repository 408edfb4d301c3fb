import { ConfigError, random } from '../../base/index.ts'
import { groupBytes, groupSize, minimaModule } from './minhash-wasm.ts'
import { shingleCount, shingles } from './shingles.ts'

export interface MinHashOptions {
  /** k, the number of hash functions, 1 to 4096. Default 112: 14 bands of 8 rows. */
  readonly hashes?: number
  /** Words of a shingle. Default 5. */
  readonly shingle?: number
  /** Signatures are comparable when they have the same seed. Default 1. */
  readonly seed?: number
  /** `simd` is WebAssembly, `plain` the definition in JavaScript: the same values. Default: what the host has. */
  readonly engine?: 'simd' | 'plain'
}

export interface MinHasher {
  readonly hashes: number
  readonly shingle: number
  readonly engine: 'simd' | 'plain'
  /**
   * The signature of a text: `[hashes]`, of each hash function the least value over its shingles. A text with fewer words than a shingle
   * has one shingle of all of them; one without words has 2³² − 1 everywhere.
   *
   * @param words hashes of its words in order, as an outline has them
   * @param into `[hashes]` where the signature is written; a new array when absent
   */
  ofWords(words: Uint32Array, into?: Uint32Array): Uint32Array
  /** The signature of a set, whose elements are hashes of 32 bits that are mixed well. */
  ofSet(elements: Uint32Array): Uint32Array
}

/** Shingles that are hashed at a time: they stay in the first cache. */
const window = 4096

/**
 * Makes MinHash signatures: two texts agree at each place with the probability J, the Jaccard similarity of their sets of
 * shingles, so the share of places at which they agree estimates J without bias, with a variance of J(1 − J) / k.
 *
 * The functions are x ↦ a·x + b mod 2³² with odd a: permutations, each a multiplication, and vectors have it. For sets with
 * structure such a family would be biased (Broder et al. 1998), but what goes in is mixed already: among elements that look
 * drawn at random every one is as likely to be the least, under any fixed permutation. Random factors make places
 * independent of each other.
 *
 * Cost: k multiplications a shingle, in `simd` four at a time.
 *
 * @throws ConfigError for options out of range, or `simd` where WebAssembly has no vectors
 * Source: Broder 1997; near duplicates of corpora: Lee et al. 2022 §4.2; 112 hashes of 5 words: Penedo et al. 2024 (FineWeb).
 *
 * @example
 * const hasher = minHasher()
 * const signature = (text) => hasher.ofWords(outlineOf(text).words.hashes)
 * estimateJaccard(signature('One two three, four five six'), signature('one two three four five six!')) // 1
 */
export function minHasher({ hashes = 112, shingle = 5, seed = 1, engine }: MinHashOptions = {}): MinHasher {
  expectInteger('hashes', hashes, 1, 4096)
  expectInteger('shingle', shingle, 1, 1000)
  const family = hashFamily(hashes, seed)
  const simd = engine === 'plain' ? undefined : simdMinima(family)
  if (engine === 'simd' && simd === undefined) {
    throw new ConfigError('minHasher: WebAssembly with SIMD is not to be had here; leave engine out')
  }
  const { fill, update, read } = simd ?? plainMinima(family)
  return {
    hashes,
    shingle,
    engine: simd === undefined ? 'plain' : 'simd',
    ofWords(words, into = new Uint32Array(hashes)) {
      const count = shingleCount(words.length, shingle)
      fill()
      for (let from = 0; from < count; from += window) {
        const to = Math.min(count, from + window)
        update(to - from, (room) => shingles(words, shingle, from, to, room))
      }
      return read(into)
    },
    ofSet(elements) {
      fill()
      for (let from = 0; from < elements.length; from += window) {
        const part = elements.subarray(from, from + window)
        update(part.length, (room) => room.set(part))
      }
      return read(new Uint32Array(hashes))
    },
  }
}

/**
 * The share of places at which two signatures agree. Signatures cut to 16 bits do as well: they agree by accident at
 * 2⁻¹⁶ of the other places.
 *
 * @throws ConfigError when they are not of the same length
 *
 * @example
 * estimateJaccard([7, 8, 9, 1], [7, 8, 3, 4]) // 0.5
 */
export function estimateJaccard(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) {
    throw new ConfigError(
      `estimateJaccard: expected two signatures of one length, got ${a.length} and ${b.length} values`,
    )
  }
  let equal = 0
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++
  return equal / a.length
}

interface HashFamily {
  /** `[k]`, odd. */
  readonly a: Uint32Array
  /** `[k]` */
  readonly b: Uint32Array
}

/** Random numbers of its own: elements that are drawn from the same seed must not be its factors. */
const familyStream = 0x4d48

function hashFamily(hashes: number, seed: number): HashFamily {
  const rng = random(seed, familyStream)
  const a = new Uint32Array(hashes)
  const b = new Uint32Array(hashes)
  for (let i = 0; i < hashes; i++) {
    a[i] = 2 * rng.integer(2 ** 31) + 1
    b[i] = rng.integer(2 ** 32)
  }
  return { a, b }
}

interface Minima {
  /** Starts a signature. */
  fill(): void
  /** Takes up to {@link window} elements, which `write` puts into the room that it is given. */
  update(count: number, write: (room: Uint32Array) => void): void
  /** Writes the least values. */
  read(into: Uint32Array): Uint32Array
}

/** The definition. */
function plainMinima({ a, b }: HashFamily): Minima {
  const elements = new Uint32Array(window)
  const minima = new Uint32Array(a.length)
  return {
    fill: () => void minima.fill(0xffffffff),
    update(count, write) {
      write(elements)
      for (let i = 0; i < a.length; i++) {
        const [factor, summand] = [a[i], b[i]]
        let least = minima[i]
        for (let j = 0; j < count; j++) {
          const hash = (Math.imul(factor, elements[j]) + summand) >>> 0
          if (hash < least) least = hash
        }
        minima[i] = least
      }
    },
    read(into) {
      into.set(minima)
      return into
    },
  }
}

function simdMinima({ a, b }: HashFamily): Minima | undefined {
  const groups = Math.ceil(a.length / groupSize)
  const first = groups * groupBytes
  const module = minimaModule(first + 4 * window)
  if (module === undefined) return undefined
  const memory = new Uint32Array(module.memory.buffer)
  const places = Array.from({ length: 3 }, (_, part) =>
    Array.from({ length: groups }, (_, group) => {
      const at = (group * groupBytes) / 4 + part * groupSize
      return memory.subarray(at, at + groupSize)
    }),
  )
  const [ofA, ofB, minima] = places
  for (let group = 0; group < groups; group++) {
    ofA[group].set(a.subarray(group * groupSize, (group + 1) * groupSize))
    ofB[group].set(b.subarray(group * groupSize, (group + 1) * groupSize))
  }
  const room = memory.subarray(first / 4, first / 4 + window)
  return {
    fill() {
      for (const place of minima) place.fill(0xffffffff)
    },
    update(count, write) {
      write(room)
      module.minima(0, first, first, first + 4 * count)
    },
    read(into) {
      for (let i = 0; i < a.length; i++) into[i] = minima[(i / groupSize) | 0][i % groupSize]
      return into
    },
  }
}

export function expectInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new ConfigError(`${name}: expected a whole number from ${least} to ${most}, got ${value}`)
}
