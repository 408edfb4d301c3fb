import { expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { nf4, nf4Levels } from './nf4.ts'

/** P(X ≤ x) of the standard normal distribution: its density integrated by Simpson's rule, good to 1e-13 on [−4, 4]. */
function probability(x: number): number {
  const steps = 2000
  const density = (at: number) => Math.exp((-at * at) / 2) / Math.sqrt(2 * Math.PI)
  let sum = density(0) + density(x)
  for (let i = 1; i < steps; i++) sum += (i % 2 ? 4 : 2) * density((x * i) / steps)
  return 0.5 + (sum * x) / steps / 3
}

/** The quantile of the standard normal distribution, by bisection. */
function quantile(p: number): number {
  let [low, high] = [-4, 4]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (probability(middle) < p) low = middle
    else high = middle
  }
  return low
}

const evenly = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1))

// QLoRA, §3 and appendix E: quantiles at equally spaced probabilities, nine places for the positive half and eight for the
// negative one, both with the zero, which is kept once; the outermost probability is the mean of those that 1/30 and 1/32
// cut off; divided by the greatest.
it('has the levels that the paper constructs', () => {
  const offset = 1 - (1 / 30 + 1 / 32) / 2
  const positive = evenly(offset, 0.5, 9).slice(0, -1).map(quantile)
  const negative = evenly(offset, 0.5, 8)
    .slice(0, -1)
    .map((p) => -quantile(p))
  const all = [...negative, 0, ...positive].sort((a, b) => a - b).map((level) => level / quantile(offset))
  expect(all.length).toBe(16)
  // The published levels were made in f32: a few roundings of numbers up to 2.
  const off = all.map((level, i) => Math.abs(nf4Levels[i] - level))
  expect(Math.max(...off)).toBeLessThan(4 * 2 ** -23)
})

it('takes the nearest level of each block of 64', () => {
  const from = random(3)
  const values = Float32Array.from({ length: 256 }, (_, i) => (from.next() - 0.5) * 4 ** (i >> 6))
  const bytes = new Uint8Array(4 * 36)
  const read = new Float32Array(256)
  nf4.pack(values, bytes)
  nf4.unpack(bytes, read)
  for (let block = 0; block < 4; block++) {
    const part = values.subarray(64 * block, 64 * (block + 1))
    const greatest = Math.max(...part.map(Math.abs))
    part.forEach((value, i) => {
      const least = Math.min(...nf4Levels.map((level) => Math.abs(Math.fround(level * greatest) - value)))
      // The level is chosen by value/greatest, the product is rounded once: an ulp of the greatest at most.
      expect(Math.abs(read[64 * block + i] - value)).toBeLessThanOrEqual(least + greatest * 2 ** -23)
    })
  }
})

it('keeps each level, the first of two in the low half of a byte', () => {
  const values = Float32Array.from({ length: 64 }, (_, i) => 2 * nf4Levels[i % 16])
  const bytes = new Uint8Array(36)
  nf4.pack(values, bytes)
  expect(bytes.subarray(0, 12)).toEqual(Uint8Array.of(0, 0, 0, 64, 0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe))
  const read = new Float32Array(64)
  nf4.unpack(bytes, read)
  expect(read).toEqual(values)
})

it('keeps zeros', () => {
  const bytes = new Uint8Array(36)
  const read = new Float32Array(64).fill(1)
  nf4.pack(new Float32Array(64), bytes)
  nf4.unpack(bytes, read)
  expect(read).toEqual(new Float32Array(64))
})
