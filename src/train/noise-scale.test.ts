import { describe, expect, it } from 'vitest'
import { random } from '../base/index.ts'
import { type GradientNoise, gradientNoise, noiseScale } from './noise-scale.ts'

// Gradients of tokens are normal: mean G, covariance diagonal. |G|² and tr(Σ) are known.
const mean = [0.3, -0.2, 0.5, 0, 0.1]
const deviations = [1, 2, 0.5, 3, 0.2]
const signal = mean.reduce((sum, g) => sum + g * g, 0)
const trace = deviations.reduce((sum, s) => sum + s * s, 0)

const squared = (x: readonly number[]) => x.reduce((sum, value) => sum + value * value, 0)

/** Estimates of many steps, whose parts have the given numbers of targets. */
function estimates(steps: number, sizes: readonly number[], seed: number): GradientNoise[] {
  const rng = random(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next())
  const targets = sizes.reduce((a, b) => a + b)
  return Array.from({ length: steps }, () => {
    let partSquare = 0
    const whole = mean.map(() => 0)
    for (const size of sizes) {
      // The mean over `size` tokens, drawn at once.
      const part = mean.map((g, i) => g + (deviations[i] * normal()) / Math.sqrt(size))
      partSquare += (squared(part) * size) / targets
      for (const [i, value] of part.entries()) whole[i] += (value * size) / targets
    }
    return gradientNoise({ parts: sizes.length, targets, partSquare, wholeSquare: squared(whole) })
  })
}

function meanAndError(values: readonly number[]): [mean: number, standardError: number] {
  const mean = values.reduce((sum, value) => sum + value) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return [mean, Math.sqrt(variance / values.length)]
}

describe('the noise of a gradient', () => {
  it.each([
    ['two equal parts', [32, 32]],
    ['eight equal parts', Array.from({ length: 8 }, () => 16)],
    ['parts of different sizes', [5, 60, 1, 30]],
  ])('is estimated without bias from %s', (_, sizes) => {
    const found = estimates(20_000, sizes, 4)
    for (const [name, truth] of [
      ['signal', signal],
      ['noise', trace],
    ] as const) {
      const [estimate, error] = meanAndError(found.map((each) => each[name]))
      expect(error / truth, 'an error that hides a bias').toBeLessThan(0.02)
      // Three standard errors: once in 370 seeds by chance.
      expect(Math.abs(estimate - truth) / error, `${name}: ${estimate} against ${truth}`).toBeLessThan(3)
    }
  })

  it('gives the noise scale in tokens, within two standard errors', () => {
    const memory = 0.999
    const scale = noiseScale(memory)
    const found = estimates(20_000, [64, 64, 64, 64], 9)
    for (const step of found) scale.add(step)
    // A running mean with that memory is worth (1 + memory)/(1 − memory) steps; errors of a ratio to first order.
    const [signalDeviation, noiseDeviation] = [
      meanAndError(found.map((each) => each.signal))[1] * Math.sqrt(found.length),
      meanAndError(found.map((each) => each.noise))[1] * Math.sqrt(found.length),
    ]
    const worth = (1 + memory) / (1 - memory)
    const error = ((trace / signal) * Math.hypot(signalDeviation / signal, noiseDeviation / trace)) / Math.sqrt(worth)
    expect(error / (trace / signal)).toBeLessThan(0.05)
    expect(Math.abs(scale.tokens! - trace / signal) / error).toBeLessThan(2)
  })

  it('is not known before the first step, nor where the signal drowns', () => {
    const scale = noiseScale()
    expect(scale.tokens).toBeUndefined()
    scale.add({ signal: -1, noise: 5 })
    expect(scale.tokens).toBeUndefined()
    scale.add({ signal: 100, noise: 5 })
    expect(scale.tokens).toBeGreaterThan(0)
  })
})
