import { describe, expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { SPIKE_WINDOW, spikeIn } from './spikes.ts'

const THRESHOLD = 15

/** A curve like those of training: a power law that falls to its floor, with noise of a kind. */
function curve(steps: number, noise: (seed: ReturnType<typeof random>) => number, seed = 1): number[] {
  const rng = random(seed)
  return Array.from({ length: steps }, (_, i) => 2 + 6 * (i + 1) ** -0.4 + noise(rng))
}

/** Sum of twelve uniform numbers, a normal one in good approximation. */
const normal = (rng: ReturnType<typeof random>) =>
  Array.from({ length: 12 }, () => rng.next()).reduce((a, b) => a + b) - 6

const spikesOf = (losses: readonly number[]) =>
  losses.flatMap((loss, i) => (spikeIn(losses.slice(Math.max(0, i - SPIKE_WINDOW), i), loss, THRESHOLD) ? [i] : []))

describe('a spike of the loss', () => {
  it.each([
    ['small noise', (rng: ReturnType<typeof random>) => 0.02 * normal(rng)],
    ['large noise', (rng: ReturnType<typeof random>) => 0.4 * normal(rng)],
    // Batches of few rows: now and then a hard one, far above the rest.
    ['noise with a long tail', (rng: ReturnType<typeof random>) => 0.2 * Math.exp(0.5 * normal(rng))],
    ['no noise', () => 0],
  ])('is none in %s', (_, noise) => {
    expect(spikesOf(curve(20_000, noise))).toEqual([])
  })

  it('is seen in the step in which it occurs, also beside others', () => {
    const losses = curve(1000, (rng) => 0.05 * normal(rng))
    for (const [i, by] of [
      [400, 1.2],
      [405, 3],
      [410, 30],
      [900, 1.2],
    ]) {
      losses[i] += by
    }
    expect(spikesOf(losses)).toEqual([400, 405, 410, 900])
  })

  it('ends to be one when the loss stays up there', () => {
    const losses = curve(600, (rng) => 0.05 * normal(rng)).map((loss, i) => (i < 400 ? loss : loss + 2))
    const found = spikesOf(losses)
    expect(found[0]).toBe(400)
    expect(found.at(-1)).toBeLessThan(400 + SPIKE_WINDOW)
  })

  it('says how far it lies from what', () => {
    const recent = Array.from({ length: SPIKE_WINDOW }, (_, i) => 3 + (i % 2 === 0 ? 0.1 : -0.1))
    const spike = spikeIn(recent, 6, THRESHOLD)!
    expect(spike.medianNats).toBeCloseTo(3, 12)
    expect(spike.deviations).toBeCloseTo(3 / (1.4826 * 0.1), 6)
    expect(spikeIn(recent, 3 + 14.9 * 0.14826, THRESHOLD)).toBeUndefined()
  })

  it('is no rise of a hair in a model that knows its text by heart', () => {
    const recent = new Array<number>(SPIKE_WINDOW).fill(1e-4)
    expect(spikeIn(recent, 0.1, THRESHOLD)).toBeUndefined()
    expect(spikeIn(recent, 0.2, THRESHOLD)).toBeDefined()
  })

  it('needs a full window, unless the loss is no number', () => {
    const recent = new Array<number>(SPIKE_WINDOW - 1).fill(2)
    expect(spikeIn(recent, 100, THRESHOLD)).toBeUndefined()
    for (const lossNats of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(spikeIn(recent, lossNats, Number.POSITIVE_INFINITY)).toMatchObject({ lossNats, deviations: Infinity })
      expect(spikeIn([], lossNats, THRESHOLD)?.medianNats).toBeNaN()
    }
  })
})
